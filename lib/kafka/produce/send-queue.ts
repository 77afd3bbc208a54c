import { VideoError } from '../../errors';
import type { Clock } from '../../time/clock';
import { Arrivals } from './arrivals';
import { Lane, type LaneId, nameOf, type QueuedFrame } from './lane';
import { type SentGroups, undecodable } from './sent-groups';
import { UntrackedQueue } from './untracked-queue';

export interface SendQueueOptions {
  /** Most bytes of a batch for a topic. */
  maxBatchBytes: (topic: string) => number;
  /** Ms to wait for more frames before a batch is sent; 0: as long as their pace suggests, see `Arrivals`. */
  linger: number;
  /** Most bytes of frames waiting that no source waits for. */
  maxUntrackedBytes: number;
  /** Nothing is sent before this. */
  ready: Promise<void>;
  /** Sends a batch of frames of one key; resolves when each is settled. */
  deliver: (lane: LaneId, batch: QueuedFrame[]) => Promise<void>;
  /** What was sent in each lane. */
  sent: SentGroups;
  clock: Clock;
}

/** Lanes at a time: what no source waits for is dropped where more topics or keys than this are waited for. */
const maxLanes = 1000;

/** Frames on their way to Kafka, in lanes: those of one lane are sent in order, one batch after the other. */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #lanes = new Map<string, { lane: Lane; pump: Promise<void> }>();
  readonly #untracked: UntrackedQueue;
  readonly #arrivals: Arrivals;
  #state: 'open' | 'flushing' = 'open';

  constructor(options: SendQueueOptions) {
    this.#options = options;
    this.#arrivals = new Arrivals(options.clock);
    this.#untracked = new UntrackedQueue(
      options.maxUntrackedBytes,
      () => [...this.#lanes.values()].map(({ lane }) => lane),
      dropped,
    );
  }

  /** Frames not settled. */
  get length(): number {
    let length = 0;
    for (const { lane } of this.#lanes.values()) length += lane.length + lane.inFlight.length;
    return length;
  }

  /**
   * Adds a frame to a lane. `prepare` is work to be done on it before it can be sent; the frames behind it
   * wait, to keep their order. When that fails, the frame is rejected.
   */
  add(place: LaneId, queued: QueuedFrame, prepare?: () => Promise<void>): void {
    const { maxBatchBytes, clock } = this.#options;
    const existing = this.#lanes.get(place.id);
    if (existing === undefined && !queued.tracked && this.#lanes.size >= maxLanes) {
      dropped(queued);
      return;
    }
    const lane = existing?.lane ?? new Lane(() => maxBatchBytes(place.topic), clock);
    lane.push(queued);
    this.#arrivals.note(place.id);
    if (existing === undefined) this.#lanes.set(place.id, { lane, pump: this.#pump(place, lane) });
    if (!queued.tracked) this.#untracked.add(queued);
    if (prepare !== undefined) queued.preparing = this.#prepare(lane, queued, prepare);
  }

  /** Sends what waits without lingering; resolves when every frame is settled. */
  async flush(): Promise<void> {
    this.#state = 'flushing';
    for (const { lane } of this.#lanes.values()) lane.full.notify();
    await Promise.all([...this.#lanes.values()].map(({ pump }) => pump));
  }

  /** Rejects every frame that is not settled. */
  clear(error: Error): void {
    for (const { lane } of this.#lanes.values()) {
      for (const queued of [...lane.inFlight, ...lane.drain()]) {
        this.#untracked.remove(queued);
        queued.reject(error);
      }
    }
  }

  /** Sends what is in a lane, batch after batch, until it is empty; then the lane is gone. */
  async #pump(place: LaneId, lane: Lane): Promise<void> {
    await this.#options.ready;
    while (lane.head !== undefined) {
      if (lane.head.preparing !== undefined) {
        await lane.head.preparing;
        continue;
      }
      const linger = this.#options.linger || this.#arrivals.lingerOf(place.id);
      if (linger > 0 && !lane.isFull && this.#state === 'open') await lane.full.wait(linger);
      await this.#send(place, lane);
    }
    this.#lanes.delete(place.id);
  }

  /** Apart from `#pump`, which would keep the batch alive while it waits for the next one. */
  async #send(place: LaneId, lane: Lane): Promise<void> {
    const { sent } = this.#options;
    const batch: QueuedFrame[] = [];
    for (const queued of lane.takeBatch()) {
      this.#untracked.remove(queued);
      if (sent.admit(place, queued.frame)) batch.push(queued);
      else queued.reject(undecodable(queued.frame));
    }
    if (batch.length === 0) return;
    lane.inFlight = batch;
    await this.#options.deliver(place, batch);
    lane.inFlight = [];
  }

  async #prepare(lane: Lane, queued: QueuedFrame, prepare: () => Promise<void>): Promise<void> {
    const { bytes } = queued;
    const failure = await prepare().then(
      () => undefined,
      (error: Error) => error,
    );
    this.#untracked.resized(queued, bytes);
    queued.preparing = undefined;
    if (failure === undefined) return;
    this.#untracked.remove(queued);
    lane.remove(queued);
    queued.reject(failure);
  }
}

function dropped(queued: QueuedFrame): void {
  queued.reject(
    new VideoError(
      'QUEUE_FULL',
      `${nameOf(queued.frame)} was dropped: more frames wait for Kafka than the queue holds, and no source waits for them. Send slower, or let the messages keep their _msgid.`,
    ),
  );
}
