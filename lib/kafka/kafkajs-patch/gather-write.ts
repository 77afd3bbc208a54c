import type { Socket } from 'node:net';

const rest = Symbol('the pieces that follow');

type Gathered = Buffer & { [rest]?: Buffer[] };

/** Pieces as the one buffer that kafkajs hands to a socket: the first of them, which leads to the others. */
export function gathered([first = Buffer.alloc(0), ...others]: Buffer[]): Buffer {
  return others.length === 0 ? first : Object.assign(first, { [rest]: others });
}

const gathering = new WeakSet<Socket>();

/** Makes a socket write all pieces of what `gathered` gave, in one system call where they fit. */
export function gatherWrites(socket: Socket): void {
  if (gathering.has(socket)) return;
  gathering.add(socket);
  const write = socket.write.bind(socket) as (data: Gathered, ...more: unknown[]) => boolean;
  socket.write = (data: Gathered, ...more: unknown[]) => {
    const others = data[rest];
    if (others === undefined) return write(data, ...more);
    socket.cork();
    const results = [data, ...others].map((piece) => write(piece));
    socket.uncork();
    return results.at(-1) as boolean;
  };
}
