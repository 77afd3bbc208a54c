import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../demo/user-dir';
import { VideoSource } from '../lib/decode/video-source';
import { capabilitiesOf } from '../lib/ffmpeg/capabilities';
import { decodeArguments } from '../lib/ffmpeg/command';
import { findFfmpeg } from '../lib/ffmpeg/lookup';
import { parseOptions } from '../lib/ffmpeg/options';
import { probe } from '../lib/ffmpeg/probe';
import { WorkerPool } from '../lib/pool/worker-pool';
import { resolveSource } from '../lib/source/resolve';
import { type FlowNode, node } from '../test/support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../test/support/node-red';
import { ffmpegFloor } from './ffmpeg-floor';
import { writeReport } from './report';
import { median, timeProgram, timeToFirstByte } from './run';

export interface DecodeFigures {
  /** Time of the nodes / time of ffmpeg alone writing the same MJPEG to nowhere. */
  ratio720: number;
  ratio1080: number;
  /** Frames per second of the nodes. */
  fps720: number;
  fps1080: number;
  /** Peak memory above idle, MB, decoding 1080p. */
  memory: number;
  /** Share of one core the main thread takes at 200 frames of 720p per second; undefined where /proc is not. */
  mainThread: number | undefined;
  /** Ms from start to the first frame: the first start of a thread, a later one, and ffmpeg's own. */
  firstFrameCold: number;
  firstFrameWarm: number;
  firstFrameFfmpeg: number;
  /** 8 sources of 720p at once: event-loop delay p99 and peak memory above idle, MB. */
  eightDelayP99: number;
  eightMemory: number;
}

const clip = join(root, 'examples', 'bigbuckbunny.mp4');
const clipFrames = 132;
const rounds = 3;
/** Of the clip in what is decoded: so many that starting up, measured by itself, weighs little. */
const repeats = { hd: 16, fullHd: 8 };

/** What video-source costs, against ffmpeg alone. */
async function benchDecode(): Promise<DecodeFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-decode-'));
  const { ffmpeg } = await findFfmpeg();
  const make = (name: string, args: string[]) => {
    const path = join(folder, name);
    execFileSync(ffmpeg, ['-loglevel', 'error', ...args, '-an', path]);
    return path;
  };
  try {
    const repeat = (video: string, times: number) => ['-stream_loop', String(times - 1), '-i', video, '-c', 'copy'];
    const hd = make('720.mp4', repeat(clip, repeats.hd));
    const scaled = make('scaled.mp4', ['-i', clip, '-vf', 'scale=1920:1080', '-c:v', 'libx264', '-preset', 'veryfast']);
    const fullHd = make('1080.mp4', repeat(scaled, repeats.fullHd));
    // JPEGs are passed through: 200 whole frames a second whatever the machine decodes.
    const jpegs = make('200.mkv', ['-i', clip, '-vf', 'setpts=N/200/TB', '-r', '200', '-c:v', 'mjpeg', '-q:v', '3']);
    const at720 = await against(hd, clipFrames * repeats.hd);
    const at1080 = await against(fullHd, clipFrames * repeats.fullHd);
    return {
      ratio720: at720.ratio,
      ratio1080: at1080.ratio,
      fps720: at720.fps,
      fps1080: at1080.fps,
      memory: at1080.memory,
      mainThread: await mainThreadShare(jpegs),
      ...(await firstFrame()),
      ...(await eightAtOnce()),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  delayP99: number;
  peak: number;
}

/** A source and what counts its frames. */
function flowOf(sources: string[], frames: number, more: object = {}): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    node('start', 'inject', [sources.map((_, index) => `source${index}`)], 'tab', {
      props: [],
      repeat: '',
      once: false,
    }),
    ...sources.flatMap((source, index) => [
      node(`source${index}`, 'video-source', [[`counter${index}`], []], 'tab', { source, sourceType: 'str', ...more }),
      node(`counter${index}`, 'test-count', [], 'tab', { count: frames }),
    ]),
  ];
}

async function inNodeRed<Result>(flows: FlowNode[], work: (red: NodeRed) => Promise<Result>): Promise<Result> {
  const red = await startNodeRed({ flows });
  try {
    return await work(red);
  } finally {
    await red.stop();
  }
}

const counted = async (red: NodeRed, id: string) => {
  const [seen] = (await red.until(id, (list) => list.length > 0, 300_000)) as [Seen];
  return seen;
};

/** File -> frames in the flow, and ffmpeg alone, taking turns. */
async function against(video: string, frames: number): Promise<{ ratio: number; fps: number; memory: number }> {
  const floor = await ffmpegFloor(video);
  const runs: { ms: number; floor: number; memory: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { ms, memory } = await inNodeRed(flowOf([video], frames), async (red) => {
      const idle = (await red.ask<{ rss: number }>('startMeasuring')).rss;
      const started = Date.now();
      await red.inject('start');
      const { at } = await counted(red, 'counter0');
      const { peak } = await red.ask<Measured>('stopMeasuring');
      return { ms: at - started, memory: (peak - idle) / 1e6 };
    });
    runs.push({ ms, memory, floor: await timeProgram(floor.command, floor.args) });
  }
  const ms = median(runs.map((run) => run.ms));
  return {
    ratio: median(runs.map((run) => run.ms / run.floor)),
    fps: (frames * 1000) / ms,
    memory: median(runs.map((run) => run.memory)),
  };
}

/** In clock ticks of 10 ms, as Linux counts. */
function mainThreadTicks(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function mainThreadShare(video: string): Promise<number | undefined> {
  const frames = 2000;
  return inNodeRed(flowOf([video], frames, { realtime: true, loop: true }), async (red) => {
    const pid = red.process.pid as number;
    const before = mainThreadTicks(pid);
    await red.inject('start');
    const { msg } = await counted(red, 'counter0');
    const after = mainThreadTicks(pid);
    if (before === undefined || after === undefined) return undefined;
    return ((after - before) * 10) / (msg.ms as number);
  });
}

async function firstFrame(): Promise<Pick<DecodeFigures, 'firstFrameCold' | 'firstFrameWarm' | 'firstFrameFfmpeg'>> {
  const tools = await findFfmpeg();
  const rules = { folders: [root], trusted: true };
  const source = await resolveSource(clip, rules);
  const media = await probe(tools, source);
  const args = decodeArguments(source, media, parseOptions({}), await capabilitiesOf(tools.ffmpeg), 0);
  const alone = [...args.slice(0, args.indexOf('tee')), 'image2pipe', 'pipe:1'];
  const cold: number[] = [];
  const warm: number[] = [];
  const ffmpeg: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const pool = new WorkerPool({ maxThreads: 1, onError: console.error });
    cold.push(await timeToFrame(pool));
    warm.push(await timeToFrame(pool));
    await pool.close();
    ffmpeg.push(await timeToFirstByte(tools.ffmpeg, alone));
  }
  return { firstFrameCold: median(cold), firstFrameWarm: median(warm), firstFrameFfmpeg: median(ffmpeg) };
}

async function timeToFrame(pool: WorkerPool): Promise<number> {
  const started = performance.now();
  let ms = 0;
  const source = new VideoSource({
    pool,
    rules: { folders: [root] },
    limits: { maxFrames: 1, maxBytes: 1 },
    listener: {
      onFrame: () => {
        ms = performance.now() - started;
        void source.stop();
      },
      onEvent: () => {},
      onFailure: (error) => {
        throw error;
      },
      onState: () => {},
    },
  });
  await source.start({ source: clip, options: {} });
  while (ms === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await source.close();
  return ms;
}

async function eightAtOnce(): Promise<Pick<DecodeFigures, 'eightDelayP99' | 'eightMemory'>> {
  const sources = Array.from({ length: 8 }, () => clip);
  return inNodeRed(flowOf(sources, clipFrames), async (red) => {
    const idle = (await red.ask<{ rss: number }>('startMeasuring')).rss;
    await red.inject('start');
    await Promise.all(sources.map((_, index) => counted(red, `counter${index}`)));
    const { delayP99, peak } = await red.ask<Measured>('stopMeasuring');
    return { eightDelayP99: delayP99, eightMemory: (peak - idle) / 1e6 };
  });
}

async function main(): Promise<void> {
  const figures = await benchDecode();
  console.table(figures);
  writeReport('decode', figures);
}

void main();
