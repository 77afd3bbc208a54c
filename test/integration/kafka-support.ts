import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { IHeaders } from 'kafkajs';
import sharp from 'sharp';
import type { FrameOutcome } from '../../lib/flow/outcome';
import type { EncodedFrame } from '../../lib/frame/frame';
import { type ClusterOptions, KafkaCluster } from '../../lib/kafka/cluster/cluster';
import type { Outage } from '../../lib/kafka/cluster/outages';
import {
  FrameConsumer,
  type FrameConsumerOptions,
  type FrameConsumerState,
} from '../../lib/kafka/consume/frame-consumer';
import type { DeletedRecords } from '../../lib/kafka/consume/loss-watch';
import type { PartitionOwner } from '../../lib/kafka/consume/partition-owners';
import type { RecordInfo } from '../../lib/kafka/consume/record';
import { parseTopics } from '../../lib/kafka/consume/topic-selection';
import type { UnreadableRecords } from '../../lib/kafka/consume/unreadable-watch';
import type { LostRecords } from '../../lib/kafka/produce/acknowledged-ends';
import { FrameProducer, type FrameProducerOptions } from '../../lib/kafka/produce/frame-producer';

/** The broker under test: `host:port`. */
export const brokers = brokersOf(process.env.KAFKA_BROKERS);
export const cluster = new KafkaCluster({ brokers });

function brokersOf(list: string | undefined): string {
  if (!list) throw new Error('Set KAFKA_BROKERS to a Kafka broker, such as localhost:9092.');
  return list;
}

export const uniqueTopic = () => `test-${randomUUID()}`;

export async function createTopic(
  topic: string,
  numPartitions = 1,
  config: Record<string, string> = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await cluster.withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] }));
}

/**
 * The folder in which the broker keeps a topic's first partition, which it tells itself:
 * https://kafka.apache.org/protocol.html#The_Messages_DescribeLogDirs
 */
export async function folderOf(topic: string): Promise<string> {
  const [, host, port] = /^(.*):(\d+)$/.exec(cluster.brokers[0] ?? '') ?? [];
  // Number and version of the request, its own number, no client id, no topics.
  const request = Buffer.from('0000000e' + '0023' + '0001' + '00000001' + 'ffff' + '00000000', 'hex');
  const socket = connect(Number(port), host);
  socket.write(request);
  let answer = Buffer.alloc(0);
  for await (const part of socket) {
    answer = Buffer.concat([answer, part]);
    if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) break;
  }
  // Behind size, number, throttling, the count of folders and an error.
  const at = 4 + 4 + 4 + 4 + 2;
  const folder = answer.toString('utf8', at + 2, at + 2 + answer.readInt16BE(at));
  return join(folder, `${topic}-0`);
}

/** Deletes what is before an offset of a topic's first partition, at once: what retention does in its time. */
export function deleteBefore(topic: string, offset: number): Promise<void> {
  const partitions = [{ partition: 0, offset: String(offset) }];
  return cluster.withAdmin(async (admin) => {
    // Without it kafkajs does not know where the partition is.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

/** What a group has committed for a topic's first partition; -1 where it has nothing. */
export async function committed(topic: string, groupId = `group-${topic}`): Promise<number> {
  const [offsets] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  return Number(offsets?.partitions[0]?.offset);
}

/** Lets a group that has no members go on from an offset of a topic's first partition. */
export function setCommitted(topic: string, groupId: string, offset: number): Promise<void> {
  const partitions = [{ partition: 0, offset: String(offset) }];
  return cluster.withAdmin(async (admin) => void (await admin.setOffsets({ groupId, topic, partitions })));
}

/** Sends a record as a producer would that knows nothing of frames. */
export async function sendForeign(topic: string, value: Buffer, key?: string, headers?: IHeaders): Promise<void> {
  const producer = cluster.client().producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key, value, headers }] });
  await producer.disconnect();
}

let image: Promise<Buffer> | undefined;
/** A small JPEG of 64 by 36 pixels. */
export function testImage(): Promise<Buffer> {
  image ??= sharp({ create: { width: 64, height: 36, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  return image;
}

/** A JPEG of noise, some hundred KB large. */
export function noiseImage(width = 800): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  return sharp({ create: { width, height: width, channels: 3, background: 'black', noise } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

export function frame(data: Buffer, seq: number, stream = '/videos/a clip.mp4'): EncodedFrame {
  const size = { width: 64, height: 36, codec: 'jpeg' as const };
  return { data, frame: { stream, session: 'session', seq, pts: seq * 40, duration: 40, time: Date.now(), ...size } };
}

/** Collects what comes and lets a test wait for as much of it as it needs. */
export class Collector<T> {
  readonly items: T[] = [];
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  add(item: T): void {
    this.items.push(item);
    for (const { count, resolve } of this.#waiting) if (this.items.length >= count) resolve();
  }

  reached(count: number): Promise<void> {
    if (this.items.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

export interface Received extends EncodedFrame {
  info: RecordInfo;
  finish: (outcome?: FrameOutcome) => void;
}

/** A consumer that keeps all it gets; with `finishing`, every frame is finished at once. */
export function openConsumer(
  { topic, ...options }: Partial<FrameConsumerOptions> & { topic: string },
  { finishing = true, through = cluster } = {},
) {
  const frames = new Collector<Received>();
  const skipped = new Collector<RecordInfo>();
  const undecodable = new Collector<RecordInfo>();
  const outages = new Collector<Outage>();
  const states = new Collector<FrameConsumerState>();
  const jumps = new Collector<{ passed: number }>();
  const deleted = new Collector<DeletedRecords>();
  const unreadable = new Collector<UnreadableRecords>();
  const owners: PartitionOwner[] = [];
  const consumer = new FrameConsumer(
    through,
    {
      topics: parseTopics(topic),
      group: `group-${topic}`,
      from: 'resume',
      maxFrames: 30,
      maxBytes: 64e6,
      ...options,
    },
    {
      onFrame: (encoded, info, finish) => {
        frames.add({ ...encoded, info, finish });
        if (finishing) finish();
      },
      onSkipped: (info) => skipped.add(info),
      onUndecodable: (info) => undecodable.add(info),
      onJumped: (jump) => jumps.add(jump),
      onDeleted: (records) => deleted.add(records),
      onUnreadable: (records) => unreadable.add(records),
      onOutage: (outage) => outages.add(outage),
      onState: (state, members) => {
        states.add(state);
        if (members !== undefined) owners.push(...members);
      },
    },
  );
  return { consumer, frames, skipped, undecodable, outages, states, jumps, deleted, unreadable, owners };
}

export function openProducer(options: FrameProducerOptions, through = cluster) {
  const outages = new Collector<Outage>();
  const connected = new Collector<undefined>();
  const lost = new Collector<LostRecords>();
  const producer = new FrameProducer(through, options, {
    onConnected: () => connected.add(undefined),
    onOutage: (outage) => outages.add(outage),
    onLost: (records) => lost.add(records),
  });
  return { producer, outages, connected, lost };
}

/** What the tests of a `describe` open, closed after each of them. */
export function closedAfterEach() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  return {
    open,
    producing(...options: Parameters<typeof openProducer>) {
      const opened = openProducer(...options);
      open.push(opened.producer);
      return opened;
    },
    consuming(...options: Parameters<typeof openConsumer>) {
      const opened = openConsumer(...options);
      open.push(opened.consumer);
      return opened;
    },
  };
}

/** Sends `count` frames from number `first` on, and resolves when all are acknowledged. */
export async function sendFrames(
  topic: string,
  count: number,
  first = 0,
  { stream, time = Date.now() }: { stream?: string; time?: number } = {},
): Promise<void> {
  const data = await testImage();
  const { producer } = openProducer({ createTopic: {} });
  const key = stream ?? '/videos/a clip.mp4';
  const seqs = Array.from({ length: count }, (_, index) => first + index);
  const frames = seqs.map((seq) => frame(data, seq, key));
  await Promise.all(
    frames.map(({ frame }) => producer.send(topic, key, { data, frame: { ...frame, time } }, { tracked: true })),
  );
  await producer.close();
}

/**
 * Reads so many frames in a group of its own, held by nothing. By then a reader that was there before would have read
 * them, too, which is how it shows that it is held.
 */
export async function readBeside(topic: string, count: number): Promise<void> {
  const { consumer, frames } = openConsumer({ topic, group: `beside-${randomUUID()}` });
  await frames.reached(count);
  await consumer.close();
}

/** The number of a heartbeat among the requests of Kafka's protocol. */
export const heartbeat = 12;
/** And that of one that carries records to the broker. */
export const produceRequest = 0;

/**
 * The cluster under test, for clients whose requests are told by their number in Kafka's protocol. There are no new connections
 * while `isAway`.
 */
export function tappedCluster(
  onRequest: (number: number, request: Buffer, socket: Socket) => void,
  isAway = () => false,
): KafkaCluster {
  return new KafkaCluster({
    brokers,
    socketFactory({ host, port, onConnect }) {
      const socket = connect({ host, port: isAway() ? 1 : port }, onConnect);
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      socket.write = (data: Buffer, ...more: unknown[]) => {
        onRequest(data.readInt16BE(4), data, socket);
        return write(data, ...more);
      };
      return socket;
    },
  });
}

/** Stands between client and broker, whatever address the broker gives itself, and can be away. */
export class Forwarder {
  readonly cluster: KafkaCluster;
  readonly #sockets = new Set<Socket>();
  readonly #throughWhat: (() => Duplex) | undefined;
  #isSilent = false;
  #server: Server | undefined;
  #port = 0;

  /** What the broker says comes through `throughWhat`, made for each connection. */
  constructor(options: Partial<ClusterOptions> = {}, throughWhat?: () => Duplex) {
    this.#throughWhat = throughWhat;
    this.cluster = new KafkaCluster({
      brokers,
      ...options,
      socketFactory: ({ onConnect }) => connect({ port: this.#port, host: '127.0.0.1' }, onConnect),
    });
  }

  /** Reserves the port, so that nobody listens there until `open`. */
  async reserve(): Promise<void> {
    await this.open();
    await this.cut();
  }

  async open(): Promise<void> {
    const [, host, port] = /^(.*):(\d+)$/.exec(cluster.brokers[0] ?? '') ?? [];
    this.#server = createServer((client) => {
      if (this.#isSilent) {
        this.#sockets.add(client.on('error', () => {}).resume());
        return;
      }
      const broker = connect(Number(port), host);
      for (const [socket, other] of [
        [client, broker],
        [broker, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
      client.pipe(broker);
      const through = this.#throughWhat?.();
      if (through === undefined) broker.pipe(client);
      else broker.pipe(through).pipe(client);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** As if the network took everything and delivered nothing: connections stay open, and new ones are accepted. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  /** As if the network were back, under another address: new connections work, those there were stay silent. */
  speak(): void {
    this.#isSilent = false;
  }

  /** As if the broker were killed. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }
}
