import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { LoginCheck, type LoginScheme } from './login';

export interface RtspCamera {
  /** rtsp://127.0.0.1:port/camera */
  url: string;
  /** The transports that were set up, oldest first: 'tcp' or 'udp'. */
  transports: string[];
  /** Ends all connections, as a camera does that loses power for a moment. */
  interrupt(): void;
  close(): Promise<void>;
}

export interface RtspCameraOptions {
  ffmpeg: string;
  /** `user:password` that is asked for. */
  login?: string;
  /** How it asks. Default basic. */
  loginScheme?: LoginScheme;
  /** Whether it only sends by UDP, as some do. */
  udpOnly?: boolean;
  /** Where it sends its clients instead. */
  redirect?: string;
  /** Where it listens, if that matters. */
  port?: number;
  /** What it sends, as RTP's map of payload type 96 names it: `H264/90000`; by default MPEG video. */
  format?: string;
  /** Starts what sends RTP to this address, instead of a test picture of 64x48, 25 a second. */
  film?: (rtp: string) => ChildProcess;
  /** A picture's last packet has been passed on. */
  onPicture?: () => void;
}

/** Bytes that the lens may send while nobody reads: a large picture. What does not fit is lost. */
const bufferSize = 2 ** 21;

/** RTP payload type 32, MPEG video, needs no parameters in the description (RFC 2250); H.264 brings its own along. */
function describeMedia(format: string | undefined): string {
  const media =
    format === undefined
      ? ['m=video 0 RTP/AVP 32']
      : ['m=video 0 RTP/AVP 96', `a=rtpmap:96 ${format}`, 'a=fmtp:96 packetization-mode=1'];
  const session = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0'];
  return [...session, ...media, 'a=control:video', ''].join('\r\n');
}

/** An RTSP camera (RFC 2326), as far as a client of one needs it. */
export async function startRtspCamera(options: RtspCameraOptions): Promise<RtspCamera> {
  const { ffmpeg, login, udpOnly, redirect } = options;
  const description = describeMedia(options.format);
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(login ?? '') ?? [];
  const check = login === undefined ? undefined : new LoginCheck(user, password, options.loginScheme ?? 'basic');
  const connections = new Set<Socket>();
  const watchers = new Map<Socket, (packet: Buffer) => void>();
  const transports: string[] = [];
  const rtp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(rtp, 'listening');
  rtp.setRecvBufferSize(bufferSize);
  rtp.on('message', (packet) => {
    for (const send of watchers.values()) send(packet);
    if (isLastOfPicture(packet)) options.onPicture?.();
  });
  const address = `rtp://127.0.0.1:${rtp.address().port}`;
  const lens = options.film?.(address) ?? testPicture(ffmpeg, address);
  const server = createServer((socket) => {
    connections.add(socket);
    let send: (packet: Buffer) => void = () => {};
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(socket);
      watchers.delete(socket);
    });
    let rest = '';
    socket.on('data', (data) => {
      const requests = (rest + data.toString('latin1')).split('\r\n\r\n');
      rest = requests.pop() ?? '';
      for (const request of requests) answer(request);
    });

    function answer(request: string): void {
      const method = /^\w+/.exec(request.trimStart())?.[0];
      const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[1]?.trim();
      const reply = (status: string, lines: string[] = [], body = '') =>
        socket.write([`RTSP/1.0 ${status}`, `CSeq: ${header('CSeq')}`, ...lines, '', body].join('\r\n'));
      if (check?.admits(header('Authorization'), method ?? '') === false) {
        return void reply('401 Unauthorized', [`WWW-Authenticate: ${check.challenge}`]);
      }
      const transport = header('Transport') ?? '';
      if (redirect !== undefined) return void reply('302 Moved', [`Location: ${redirect}`]);
      switch (method) {
        case 'OPTIONS':
          return void reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
        case 'DESCRIBE':
          return void reply(
            '200 OK',
            ['Content-Type: application/sdp', `Content-Length: ${description.length}`],
            description,
          );
        case 'SETUP':
          if (udpOnly && transport.includes('TCP')) return void reply('461 Unsupported Transport');
          transports.push(transport.includes('TCP') ? 'tcp' : 'udp');
          send = transport.includes('TCP') ? interleaved(socket) : datagrams(rtp, transport);
          return void reply('200 OK', [`Transport: ${transport}`, 'Session: 1']);
        case 'PLAY':
          reply('200 OK', ['Session: 1', 'Range: npt=0-']);
          watchers.set(socket, send);
          return;
        default:
          return void reply('200 OK', ['Session: 1']);
      }
    }
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const interrupt = () => {
    for (const socket of connections) socket.destroy();
  };
  return {
    url: `rtsp://127.0.0.1:${port}/camera`,
    transports,
    interrupt,
    async close() {
      interrupt();
      lens.kill('SIGKILL');
      await once(lens, 'close');
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => rtp.close(() => resolve()));
    },
  };
}

function testPicture(ffmpeg: string, rtp: string): ChildProcess {
  const picture = ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25'];
  const encoder = ['-c:v', 'mpeg2video', '-g', '5', '-f', 'rtp', rtp];
  return spawn(ffmpeg, [...picture, ...encoder], { stdio: 'ignore' });
}

/** By RTP's marker bit: RFC 3550, 5.1. */
const isLastOfPicture = (packet: Buffer) => ((packet[1] as number) & 0x80) !== 0;

/** Within the connection: RFC 2326, 10.12. */
function interleaved(socket: Socket): (packet: Buffer) => void {
  return (packet) => {
    const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]);
    socket.write(Buffer.concat([head, packet]));
  };
}

function datagrams(rtp: UdpSocket, transport: string): (packet: Buffer) => void {
  const [, port] = /client_port=(\d+)/.exec(transport) ?? [];
  return (packet) => rtp.send(packet, Number(port), '127.0.0.1');
}
