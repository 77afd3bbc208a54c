import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';

export interface WebServer {
  /** http://127.0.0.1:port */
  url: string;
  port: number;
  /** The paths asked for, oldest first. */
  requests: string[];
  close(): Promise<void>;
}

/** A web server of this machine that answers with `handle`; on any free port by default. */
export async function startWebServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  onPort = 0,
): Promise<WebServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(onPort, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with the files of a folder, and with parts of them where such are asked for. */
export function serveFolder(folder: string) {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const path = join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    // Opened once: a list of HLS may be replaced between a look at its size and its being read.
    const file = await open(path).catch(() => undefined);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { size } = await file.stat();
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Number(to) : size - 1;
    if (start > end) {
      await file.close();
      response.writeHead(from === undefined ? 200 : 416, { 'content-length': 0 }).end();
      return;
    }
    const range = from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` };
    response.writeHead(from === undefined ? 200 : 206, {
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      ...range,
    });
    // Who asked may hang up.
    pipeline(file.createReadStream({ start, end }), response, () => {});
  };
}

/** What stands before each picture of a network camera. */
const partHead = (bytes: number) => `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`;

/** Sends JPEGs as a network camera does, one every `interval` ms. Returns what stops it. */
export function sendCamera(response: ServerResponse, jpegs: Buffer[], interval = 40, head = partHead): () => void {
  response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
  let count = 0;
  const timer = setInterval(() => {
    const jpeg = jpegs[count % jpegs.length] as Buffer;
    response.write(head(jpeg.length));
    response.write(jpeg);
    response.write('\r\n');
    count += 1;
  }, interval);
  response.on('close', () => clearInterval(timer));
  return () => clearInterval(timer);
}
