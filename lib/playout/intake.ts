import type { Frame } from '../frame/frame';
import { sessionKey } from '../frame/name';
import { FrameQueue, type Playable } from './frame-queue';
import type { DropReason, PlayoutOptions } from './playout-options';
import { PresentationOrder } from './presentation-order';
import { StreamSelector } from './stream-selector';

/** Takes frames in: those of the stream that is shown wait for their time, all others are given back at once. */
export class Intake<T extends Playable> {
  readonly #onDrop: PlayoutOptions<T>['onDrop'];
  readonly #queue: FrameQueue<T>;
  readonly #order = new PresentationOrder<T>();
  #selector: StreamSelector;

  constructor({ onDrop, untrackedLimits, stream }: PlayoutOptions<T>) {
    this.#onDrop = onDrop;
    this.#queue = new FrameQueue(untrackedLimits);
    this.#selector = new StreamSelector(stream);
  }

  /** Name of the stream selected, '' for whichever comes. */
  get stream(): string {
    return this.#selector.stream;
  }

  /** Frames that wait for their time, in order. */
  get queue(): Pick<FrameQueue<T>, 'length' | 'head' | 'newest'> & Iterable<T> {
    return this.#queue;
  }

  /** Whether the frame was taken. */
  push(item: T): boolean {
    const { admitted, isExpelled } = this.#selector.admit(item.frame);
    if (!admitted) {
      this.#onDrop(item, 'other-stream');
      return false;
    }
    if (isExpelled !== undefined) this.#drop((queued) => isExpelled(queued.frame), 'other-stream');
    for (const next of this.#order.push(item)) {
      for (const oldest of this.#queue.push(next)) this.#onDrop(oldest, 'overflow');
    }
    return true;
  }

  /** The newest frame that waits is the last of its session, where that is the session of `last`; tells whether it is. */
  endBefore(last: Frame): boolean {
    const newest = [...this.#queue].findLast(({ frame }) => sessionKey(frame) === sessionKey(last));
    if (newest !== undefined) newest.frame = { ...newest.frame, last: true };
    return newest !== undefined;
  }

  /** The next frame goes on screen. */
  shift(): T {
    const item = this.#queue.shift() as T;
    this.#selector.noteShown(item.frame);
    return item;
  }

  /** Takes another stream ('' = whichever comes). */
  select(stream: string): void {
    this.#selector = new StreamSelector(stream);
    if (stream !== '') this.#drop((item) => item.frame.stream !== stream, 'other-stream');
  }

  /** Nothing is left to show. */
  noteIdle(): void {
    this.#selector.noteIdle();
  }

  /** Gives back all but the newest frame, which it returns. */
  passToNewest(): T {
    const newest = this.#queue.newest as T;
    for (const item of this.#queue.remove((each) => each !== newest)) this.#onDrop(item, 'superseded');
    return newest;
  }

  /** Gives back all frames, or those that match: what comes next is somewhere else in the video. */
  flush(isDropped: (item: T) => boolean = () => true): void {
    this.#drop(isDropped, 'seek');
  }

  /** Forgets the frames that wait. */
  clear(): void {
    this.#queue.clear();
    this.#order.remove(() => true);
  }

  #drop(isDropped: (item: T) => boolean, reason: DropReason): void {
    for (const item of this.#queue.remove(isDropped)) this.#onDrop(item, reason);
    for (const item of this.#order.remove(isDropped)) this.#onDrop(item, reason);
  }
}
