import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { shownPath } from './masked';
import { isOwnPeer } from './own-peer';

/** Bytes a request may have. */
const longestRequest = 16_384;

/**
 * Sends an ffmpeg on to an RTSP camera whose URL has a login in it. Everybody on a machine can read what is on a command line, so
 * ffmpeg is given an address here, and learns the real one from the redirect, which no other user's program gets.
 */
export class RtspRedirect {
  readonly #url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(url: string) {
    this.#url = url;
    this.#server = createServer((socket) => this.#answer(socket));
  }

  /** Resolves with the URL ffmpeg is to open. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    return `rtsp://127.0.0.1:${port}${shownPath(this.#url)}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    let request = '';
    socket.on('data', async (data) => {
      request += data.toString('latin1');
      if (request.length > longestRequest) socket.destroy();
      if (!request.includes('\r\n\r\n')) return;
      socket.removeAllListeners('data').resume();
      const isOurs = await isOwnPeer(socket);
      const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '1';
      const status = isOurs ? ['302 Found', `CSeq: ${sequence}`, `Location: ${this.#url}`] : ['403 Forbidden'];
      socket.end(`RTSP/1.0 ${status.join('\r\n')}\r\n\r\n`);
    });
  }
}
