import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface SlowLink {
  /** http://127.0.0.1:port, which leads to the target. */
  url: string;
  /** Cuts the line, for whoever is connected and whoever tries. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Bytes on the line before it takes no more, like a modest router's buffer. */
const mostQueued = 64 * 1024;

/**
 * A line to `target` that carries `bitsPerSecond` each way and takes `delay` ms each way. (The browser's own network
 * emulation leaves websockets alone.)
 */
export async function openSlowLink(target: string, bitsPerSecond: number, delay: number): Promise<SlowLink> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const line = () => ({ freeAt: 0 });
  const [up, down] = [line(), line()];
  let isCut = false;
  // What is under way on the line itself takes no room in the buffer before it.
  const room = mostQueued + (bitsPerSecond * delay) / 8000;
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    carry(near, far, up);
    carry(far, near, down);
  });

  function carry(from: Socket, to: Socket, shared: { freeAt: number }): void {
    /** In order; undefined is the end. */
    const onTheWay: { chunk: Buffer | undefined; arrives: number }[] = [];
    let queued = 0;
    const deliver = () => {
      const now = performance.now();
      while (onTheWay[0] !== undefined && onTheWay[0].arrives <= now) {
        const { chunk } = onTheWay.shift() as { chunk: Buffer | undefined };
        if (chunk === undefined) to.end();
        else {
          queued -= chunk.length;
          if (to.writable) to.write(chunk);
        }
      }
      if (queued <= room) from.resume();
      if (onTheWay[0] !== undefined) setTimeout(deliver, onTheWay[0].arrives - now);
    };
    const send = (chunk: Buffer | undefined) => {
      const now = performance.now();
      shared.freeAt = Math.max(now, shared.freeAt) + ((chunk?.length ?? 0) * 8000) / bitsPerSecond;
      onTheWay.push({ chunk, arrives: shared.freeAt + delay });
      queued += chunk?.length ?? 0;
      if (queued > room) from.pause();
      if (onTheWay.length === 1) setTimeout(deliver, shared.freeAt + delay - now);
    };
    from.on('data', send);
    from.on('close', () => send(undefined));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
