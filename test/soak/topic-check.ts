import sharp from 'sharp';
import { plainKafka, textHeaders } from '../support/topic';
import { readCode } from './capture-code';

/** What kafka-frame-out reported as acknowledged: where, and which frame. */
export interface Acknowledged {
  partition: number;
  offset: number;
  id: string;
}

interface StoredFrame {
  partition: number;
  offset: number;
  stream: string;
  session: string;
  seq: number;
  pts: number;
  time: number;
  /** When the picture was taken, ms since the run began; undefined where it could not be read. */
  taken: number | undefined;
}

export interface StreamCheck {
  frames: number;
  sessions: number;
  /** Pictures whose burnt-in time could not be read. */
  unreadable: number;
  /** Frames whose number is not larger than that of the frame before, in one session. */
  outOfOrder: number;
  /** Numbers left out within a session. */
  missing: number;
  /** `frame.time` less the moment the picture was taken, ms. */
  time: Spread;
  /** How far the steps of pts are from those of the moments of taking, within a session: by its median, ms. */
  pts: Spread;
  /** Where pts went on otherwise than the moments of taking, by more than half a second: when, and by how many ms. The first 20. */
  jumps: { at: number; by: number }[];
}

export interface Spread {
  min: number;
  p50: number;
  p99: number;
  max: number;
}

export interface TopicCheck {
  acknowledged: number;
  /** Acknowledged, but not where it was said to be. */
  lost: number;
  streams: Record<string, StreamCheck>;
}

/** Reads a whole topic with a plain client, and holds it against what was acknowledged and what is in the pictures. */
export async function checkTopic(
  brokers: string,
  topic: string,
  epoch: number,
  acknowledged: Acknowledged[],
): Promise<TopicCheck> {
  const frames = await readAll(brokers, topic, epoch);
  const ids = new Map(frames.map((frame) => [`${frame.partition}/${frame.offset}`, `${frame.session}/${frame.seq}`]));
  const lost = acknowledged.filter(({ partition, offset, id }) => ids.get(`${partition}/${offset}`) !== id);
  const streams = groupBy(frames, ({ stream }) => stream);
  return {
    acknowledged: acknowledged.length,
    lost: lost.length,
    streams: Object.fromEntries([...streams].map(([stream, list]) => [stream, checkStream(list, epoch)])),
  };
}

function checkStream(frames: StoredFrame[], epoch: number): StreamCheck {
  const sessions = [...groupBy(frames, ({ session }) => session).values()];
  const readable = frames.filter(({ taken }) => taken !== undefined);
  const steps = sessions.flatMap((list) =>
    list.slice(1).map((frame, index) => frame.seq - (list[index] as StoredFrame).seq),
  );
  return {
    frames: frames.length,
    sessions: sessions.length,
    unreadable: frames.length - readable.length,
    outOfOrder: steps.filter((step) => step <= 0).length,
    missing: steps.reduce((sum, step) => sum + Math.max(0, step - 1), 0),
    time: spreadOf(readable.map(({ time, taken }) => time - epoch - (taken as number))),
    pts: spreadOf(sessions.flatMap(ptsErrors)),
    jumps: sessions.flatMap(jumpsOf).slice(0, 20),
  };
}

function ptsErrors(session: StoredFrame[]): number[] {
  const offsets = session.flatMap(({ pts, taken }) => (taken === undefined ? [] : [pts - taken]));
  const median = spreadOf(offsets).p50;
  return offsets.map((offset) => offset - median);
}

function jumpsOf(session: StoredFrame[]): { at: number; by: number }[] {
  const offsets = session.flatMap(({ pts, taken }) =>
    taken === undefined ? [] : [{ at: taken, offset: pts - taken }],
  );
  return offsets.slice(1).flatMap(({ at, offset }, index) => {
    const by = Math.round(offset - (offsets[index] as { offset: number }).offset);
    return Math.abs(by) > 500 ? [{ at, by }] : [];
  });
}

export function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) * 10) / 10;
  return { min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function readAll(brokers: string, topic: string, epoch: number): Promise<StoredFrame[]> {
  const kafka = plainKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const left = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  const consumer = kafka.consumer({ groupId: `check-${epoch}` });
  const frames: Promise<StoredFrame>[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          async eachBatch({ batch, heartbeat }) {
            for (const { offset, value, headers } of batch.messages) {
              const texts = textHeaders(headers);
              const text = (name: string) => texts[name] ?? '';
              const common = { partition: batch.partition, offset: Number(offset), stream: text('ce_source') };
              const numbers = { seq: Number(text('ce_sequence')), pts: Number(text('ce_pts')) };
              const frame = { ...common, ...numbers, session: text('ce_session'), time: Date.parse(text('ce_time')) };
              frames.push(takenAt(Buffer.from(value ?? [])).then((taken) => ({ ...frame, taken })));
              if (frames.length % 50 === 0) await frames.at(-1);
            }
            await heartbeat();
            if (Number(batch.lastOffset()) + 1 >= (left.get(batch.partition) ?? 0)) left.delete(batch.partition);
            if (left.size === 0) resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return Promise.all(frames);
}

async function takenAt(jpeg: Buffer): Promise<number | undefined> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  return readCode(info.width, (x, y) => data[y * info.width + x] as number);
}
