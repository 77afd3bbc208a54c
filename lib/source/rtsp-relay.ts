import { type AddressInfo, connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { messageOf } from '../errors';
import { hostOf } from './allowed-hosts';
import { RedirectWatch } from './redirect-watch';

/** Ports of RTSP, plain and through TLS (RFC 7826, 22.14). */
const ports: Record<string, number> = { rtsp: 554, rtsps: 322 };

/** Where the URL of an RTSP camera leads, and what stands around that. */
const parts = /^(rtsps?):\/\/((?:[^/?#]*@)?)([^/?#]*)(.*)$/is;

/**
 * The way of one ffmpeg to an RTSP camera, whose redirect it would follow to any host: it connects here, and what the camera
 * says is passed on up to a redirect. The camera sees the requests of a client that reaches it through a router.
 */
export class RtspRelay {
  readonly #url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isRedirected = false;
  #trouble: string | undefined;

  constructor(url: string) {
    this.#url = url;
    this.#server = createServer((near) => this.#pass(near));
  }

  /** Whether the camera sent its client to another place. */
  get isRedirected(): boolean {
    return this.#isRedirected;
  }

  /** Why the camera could not be connected to. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves with the URL ffmpeg is to open. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    return this.#url.replace(
      parts,
      (_, _scheme, login: string, _place, rest: string) => `rtsp://${login}127.0.0.1:${port}${rest}`,
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(near: Socket): void {
    const far = this.#connect();
    const watch = new RedirectWatch();
    far.on('data', (data: Buffer) => {
      if (watch.sees(data)) {
        this.#isRedirected = true;
        near.destroy();
      } else if (!near.write(data)) {
        far.pause();
        near.once('drain', () => far.resume());
      }
    });
    far.on('end', () => near.end());
    near.pipe(far);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', (error) => {
        if (socket === far) this.#trouble = messageOf(error);
        socket.destroy();
      });
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #connect(): Socket {
    const [, scheme = '', , place = ''] = parts.exec(this.#url) ?? [];
    const isSecure = scheme.toLowerCase() === 'rtsps';
    const host = hostOf(this.#url).replace(/^\[(.*)\]$/, '$1');
    const port = Number(/:(\d+)$/.exec(place)?.[1] ?? ports[scheme.toLowerCase()]);
    if (!isSecure) return connect(port, host);
    // Cameras sign their certificates themselves: ffmpeg does not ask who did, either.
    return connectSecurely({
      port,
      host,
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
  }
}
