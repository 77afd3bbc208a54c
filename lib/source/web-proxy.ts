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

/**
 * A web proxy (RFC 9110, 7.6 and 9.3.6) of this machine alone, for one ffmpeg: what that opens on its way, by a redirect
 * or a playlist, is opened here, where names are looked up and hosts are held against the list of allowed ones.
 */
export class WebProxy {
  readonly #allowedHosts: string[] | undefined;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #sockets = new Set<Socket>();
  #refused: string | undefined;

  /** `allowedHosts`: see SourceRules. */
  constructor(allowedHosts: string[] | undefined) {
    this.#allowedHosts = allowedHosts;
    this.#server = createServer((request, response) => this.#pass(request, response));
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => this.#tunnel(request, socket));
  }

  /** The host that was asked for last and is not allowed. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Resolves with its URL when it listens. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const target = parse(request.url ?? '');
    // A redirect may lead ffmpeg to ask for `ftp:` and the like, too; `https:` comes through a tunnel.
    if (target?.protocol !== 'http:' || !this.#admits(target)) {
      response.writeHead(target?.protocol !== 'http:' ? 400 : 403).end();
      return;
    }
    const { 'proxy-connection': _, ...headers } = request.headers;
    const onward = requestOf(target, { method: request.method, headers, agent: this.#agent }, (answer) => {
      answer.on('error', () => response.destroy());
      try {
        // Only with chunks can there be a trailer, and Node.js refuses to announce one without.
        const { trailer: _trailer, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, headers);
      } catch {
        // A status or a header that HTTP does not know: whoever sends such is no server to play from.
        response.writeHead(502).end(() => answer.destroy());
        return;
      }
      answer.pipe(response);
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

  #tunnel(request: IncomingMessage, near: Socket): void {
    near.on('error', () => near.destroy());
    const target = parse(`https://${request.url}`);
    if (target === undefined || !this.#admits(target)) {
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
