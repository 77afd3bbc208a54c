import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../demo/ports';

export interface RtmpStation {
  /** rtmp://127.0.0.1:port/live/camera */
  url: string;
  /** How often it was connected to. */
  connections: number;
  close(): Promise<void>;
}

/** An RTMP server: 64x48, 25 a second. ffmpeg serves one client only, so each client gets an ffmpeg of its own. */
export async function startRtmpStation(ffmpeg: string): Promise<RtmpStation> {
  const senders = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const server = createServer(async (near) => {
    const port = await freePort();
    const picture = ['-v', 'quiet', '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25', '-c:v', 'flv', '-g', '5'];
    const sender = spawn(ffmpeg, [...picture, '-f', 'flv', '-listen', '1', `rtmp://127.0.0.1:${port}/live/camera`]);
    senders.add(sender);
    station.connections += 1;
    const far = await connectTo(port, sender);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sender.kill('SIGKILL');
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const station = {
    connections: 0,
    url: `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/camera`,
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const sender of senders) {
        sender.kill('SIGKILL');
        if (sender.exitCode === null && sender.signalCode === null) await once(sender, 'close');
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return station;
}

/** Tries until ffmpeg listens. */
async function connectTo(port: number, sender: ChildProcess): Promise<Socket> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (sender.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
