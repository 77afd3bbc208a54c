import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { VideoError } from '../errors';
import { toolEnvironment } from '../ffmpeg/lookup';
import type { Source } from './source';
import { hostOf, refusedHost } from './source-rules';
import { WebProxy } from './web-proxy';

const run = promisify(execFile);

/** A name or IPv4 address, and what stands before it; see `hostOf`. */
const hostInUrl = /^([^:]+:\/\/(?:[^/?#]*@)?)[^:/?#]+/;

/** How an ffmpeg gets to a source. */
export interface Route {
  /** What it is to open. */
  source: Source;
  /** Its environment. */
  env: NodeJS.ProcessEnv;
  /** Throws SOURCE_REFUSED where the source led to a host that is not allowed. */
  check(): void;
  close(): Promise<void>;
}

/**
 * The way to a source: for most, there is nothing to do. On the web, an ffmpeg goes through a proxy of ours where it may
 * open certain hosts only, which it does not know how to check, or cannot look up names; elsewhere, a host it cannot look
 * up is replaced by its address. Throws SOURCE_UNREADABLE where there is no such host.
 */
export async function openRoute(source: Source, ffmpeg: string): Promise<Route> {
  const plain: Route = { source, env: toolEnvironment(), check: () => {}, close: async () => {} };
  if (source.kind !== 'network') return plain;
  const isOnWeb = /^https?:/i.test(source.input);
  // A proxy that ffmpeg is told of by Node-RED's environment looks up the names: here, nobody may know them.
  if (isOnWeb && process.env.http_proxy && source.allowedHosts === undefined) return plain;
  const host = hostOf(source.input);
  const isName = host !== '' && !host.startsWith('[') && isIP(host) === 0;
  const address = isName ? await addressOf(host, source.name) : undefined;
  if (isOnWeb && source.allowedHosts !== undefined) return throughProxy(source);
  if (address === undefined || (await looksUpNames(ffmpeg))) return plain;
  if (isOnWeb) return throughProxy(source);
  const input = source.input.replace(hostInUrl, (_, before: string) => before + address);
  return { ...plain, source: { ...source, input } };
}

async function throughProxy(source: Source): Promise<Route> {
  const proxy = new WebProxy(source.allowedHosts);
  const url = await proxy.listen();
  return {
    source,
    // ffmpeg knows these for http and, by a tunnel, for https.
    env: { ...toolEnvironment(), http_proxy: url, no_proxy: '' },
    check() {
      if (proxy.refused !== undefined) throw refusedHost(source.name, proxy.refused);
    },
    close: () => proxy.close(),
  };
}

/** As it stands in a URL. */
async function addressOf(host: string, name: string): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    return family === 6 ? `[${address}]` : address;
  } catch (cause) {
    throw new VideoError(
      'SOURCE_UNREADABLE',
      `${name} cannot be reached: there is no host "${host}". Check the address, and the network`,
      { cause },
    );
  }
}

const known = new Map<string, Promise<boolean>>();

/**
 * Whether an ffmpeg can look up host names: one that is linked statically, as many that are downloaded, crashes when the
 * system's glibc is not the one it was built with (https://johnvansickle.com/ffmpeg/release-readme.txt).
 */
function looksUpNames(ffmpeg: string): Promise<boolean> {
  let answer = known.get(ffmpeg);
  if (answer === undefined) {
    const options = { env: toolEnvironment(), timeout: 10_000, windowsHide: true };
    // Nobody listens there: that it says so is all that is asked.
    answer = run(ffmpeg, ['-v', 'error', '-i', 'tcp://localhost:1'], options).then(
      () => true,
      (error: { signal?: string | null }) => !error.signal,
    );
    known.set(ffmpeg, answer);
  }
  return answer;
}
