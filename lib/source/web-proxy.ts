import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestOf,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { isAllowedHost } from './allowed-hosts';
import type { MaskedUrl } from './masked';
import { playlistStart, schemeOutsideHttp } from './playlist';

/** Bytes; one of a day of short pieces has less than 2 MB. */
const longestPlaylist = 4e6;

/**
 * A web proxy (RFC 9110, 7.6 and 9.3.6) of this machine alone, for one ffmpeg: what that opens on its way, by a redirect
 * or a playlist, is opened here, where names are looked up and hosts are held against the list of allowed ones.
 */
export class WebProxy {
  readonly #allowedHosts: string[] | undefined;
  readonly #masked: MaskedUrl | undefined;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #sockets = new Set<Socket>();
  #refused: string | undefined;
  #refusedScheme: string | undefined;
  #readsPlaylists = false;

  /** `allowedHosts`: see SourceRules. `masked`: what it is to send on to the URL behind it. */
  constructor(allowedHosts: string[] | undefined, masked?: MaskedUrl) {
    this.#allowedHosts = allowedHosts;
    this.#masked = masked;
    this.#server = createServer((request, response) => this.#pass(request, response));
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => this.#tunnel(request, socket));
  }

  /** The host that was asked for last and is not allowed. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** What an HLS playlist asked for that is not http. */
  get refusedScheme(): string | undefined {
    return this.#refusedScheme;
  }

  /**
   * From now on no HLS playlist passes that names anything but http, for what else it names ffmpeg would not ask a proxy for;
   * nor does anything encrypted, in which a playlist would go unseen.
   */
  readPlaylists(): void {
    this.#readsPlaylists = true;
  }

  /** Resolves with its URL, as ffmpeg takes it from its environment, when it listens. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const login = this.#masked === undefined ? '' : `${this.#masked.login}@`;
    return `http://${login}127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.#masked?.answer(request, response)) return;
    const target = parse(request.url ?? '');
    // A redirect may lead ffmpeg to ask for `ftp:` and the like, too; `https:` comes through a tunnel.
    if (target?.protocol !== 'http:' || !this.#admits(target)) {
      response.writeHead(target?.protocol !== 'http:' ? 400 : 403).end();
      return;
    }
    const { 'proxy-connection': _, 'proxy-authorization': _login, ...headers } = request.headers;
    // With titles between its bytes, or packed, a playlist would not be what is read here.
    if (this.#readsPlaylists) {
      delete headers['icy-metadata'];
      delete headers['accept-encoding'];
    }
    const onward = requestOf(target, { method: request.method, headers, agent: this.#agent }, (answer) => {
      answer.on('error', () => response.destroy());
      try {
        // Only with chunks can there be a trailer, and Node.js refuses to announce one without.
        const { trailer: _trailer, ...headers } = answer.headers;
        const isPlain = headers['content-encoding'] === undefined && headers['icy-metaint'] === undefined;
        if (this.#readsPlaylists && !isPlain) throw new Error('packed');
        response.writeHead(answer.statusCode ?? 502, headers);
      } catch {
        // A status or a header that HTTP does not know, or what cannot be read here: that is no server to play from.
        response.writeHead(502).end(() => answer.destroy());
        return;
      }
      if (this.#readsPlaylists) void this.#passChecked(answer, response);
      else answer.pipe(response);
    });
    onward.on('error', () => {
      if (response.writableEnded) return;
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    request.on('error', () => onward.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  /** Holds back a playlist until it is whole and has been checked. */
  async #passChecked(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    let held: Buffer | undefined = Buffer.alloc(0);
    try {
      for await (const piece of answer) {
        if (held === undefined) {
          if (!response.write(piece)) await once(response, 'drain');
          continue;
        }
        held = Buffer.concat([held, piece]);
        const { length } = playlistStart;
        const mayBe = held.subarray(0, length).equals(playlistStart.subarray(0, held.length));
        if (mayBe && held.length <= longestPlaylist) continue;
        if (mayBe) throw new Error('too long');
        response.write(held);
        held = undefined;
      }
      this.#refusedScheme ??= schemeOutsideHttp(held?.toString('latin1') ?? '');
      if (this.#refusedScheme !== undefined) throw new Error('refused');
      response.end(held);
    } catch {
      // Whatever it was: ffmpeg sees the answer break off.
      response.destroy();
    }
  }

  #tunnel(request: IncomingMessage, near: Socket): void {
    near.on('error', () => near.destroy());
    const target = parse(`https://${request.url}`);
    if (this.#readsPlaylists) this.#refusedScheme ??= 'https';
    if (target === undefined || this.#readsPlaylists || !this.#admits(target)) {
      near.end(`HTTP/1.1 ${target === undefined ? '400 Bad Request' : '403 Forbidden'}\r\n\r\n`);
      return;
    }
    const far = connect(Number(target.port || 443), target.hostname.replace(/^\[(.*)\]$/, '$1'), () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #admits({ hostname }: URL): boolean {
    if (isAllowedHost(hostname, this.#allowedHosts)) return true;
    this.#refused = hostname;
    return false;
  }
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
