import type { FrameOutcome } from '../../flow/outcome';
import { Window, type WindowLimits } from '../../flow/window';
import type { Frame } from '../../frame/frame';
import type { FrameRecord } from '../../frame/record-frame-reader';
import type { Clock } from '../../time/clock';
import { Signal } from '../../time/signal';
import { heartbeatInterval } from './group-member';
import type { ReadingHandlers } from './reading';
import { infoOf, type RecordInfo } from './record';

/** Hands frames out to the flow, no faster than the window allows, and not while it is paused. */
export class HandOut {
  readonly #onFrame: ReadingHandlers['onFrame'];
  readonly #window: Window;
  /** Notified when there may be room, or a reason to stop waiting for it. */
  readonly #changed: Signal;
  readonly #totals = { frames: 0, bytes: 0 };
  #state: 'flowing' | 'paused' | 'closed' = 'flowing';

  constructor(limits: WindowLimits, onFrame: ReadingHandlers['onFrame'], clock: Clock) {
    this.#onFrame = onFrame;
    this.#window = new Window(limits);
    this.#changed = new Signal(clock);
  }

  /** What was handed out since the start, and how many of it are not finished. */
  get totals(): { frames: number; bytes: number; unfinished: number } {
    return { ...this.#totals, unfinished: this.#window.frames };
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether it waits, or may be about to. */
  get isHeld(): boolean {
    return this.#state === 'paused' || this.#window.frames > 0;
  }

  pause(): void {
    if (this.#state === 'flowing') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state === 'paused') this.#state = 'flowing';
    this.#changed.notify();
  }

  close(): void {
    this.#state = 'closed';
    this.#window.close();
    this.#changed.notify();
  }

  /** Whoever waits for room looks whether it is over. */
  noteOver(): void {
    this.#changed.notify();
  }

  /** Resolves true with room for a frame of so many bytes, or false once it is over. Rejects where `heartbeat` does. */
  async takeRoom(bytes: number, heartbeat: () => Promise<void>, isOver: () => boolean): Promise<boolean> {
    while (this.#state === 'paused' || !this.#window.tryAcquire(bytes)) {
      await this.#changed.wait(heartbeatInterval);
      await heartbeat();
      if (isOver()) return false;
    }
    return true;
  }

  /** Gives back room that was taken for a frame which is not handed out after all. */
  giveBack(bytes: number): void {
    this.#window.release(bytes);
  }

  /** Hands out a record's frame, for which there is room. */
  give(
    frame: Frame,
    record: FrameRecord,
    more: Pick<RecordInfo, 'past'>,
    onFinished: (outcome: FrameOutcome) => void,
  ): void {
    // A copy, as the value is a part of the fetch response: a frame kept in the flow would keep megabytes alive.
    const data = Buffer.from(record.value);
    this.#totals.frames += 1;
    this.#totals.bytes += data.length;
    const { finish, giveBackRoom } = this.#finisher(data.length, onFinished);
    this.#onFrame({ frame, data }, { ...infoOf(record), ...more }, finish, giveBackRoom);
  }

  /** Of their own function, for what they close over must not lead to the frame: they live for as long as the flow remembers them. */
  #finisher(bytes: number, onFinished: (outcome: FrameOutcome) => void) {
    let isFinished = false;
    let hasRoom = true;
    const giveBackRoom = () => {
      if (!hasRoom) return;
      hasRoom = false;
      this.#window.release(bytes);
      this.#changed.notify();
    };
    const finish = (outcome: FrameOutcome = 'done') => {
      if (isFinished) return;
      isFinished = true;
      onFinished(outcome);
      giveBackRoom();
    };
    return { finish, giveBackRoom };
  }
}
