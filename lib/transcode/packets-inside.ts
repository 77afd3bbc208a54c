import type { Frame } from '../frame/frame';

/** Microseconds before the first packet's time that others may be: those shown before it. */
const lead = 3_600_000_000;
/** Microseconds from the first packet on. */
const longest = 2 ** 52;
/**
 * Packets that ffmpeg reads before it gives a picture, at most: a codec holds back 16 pictures, of two fields each; later ffmpegs
 * have queues between their threads besides.
 */
export const deepest = 100;

interface Entry {
  frame: Frame;
  /** How many packets were added before it. */
  index: number;
}

/**
 * The packets that a decoder was given and whose pictures are not out. Pictures come in the order of their times, so those passed
 * over by one will not come.
 */
export class PacketsInside {
  /** By their times in the decoder, in the order they were added. */
  readonly #entries = new Map<number, Entry>();
  #beginning: number | undefined;
  #latest = -1;
  #added = 0;
  #read = 0;

  /** Packets read, ever. */
  get read(): number {
    return this.#read;
  }

  /** Whether a packet's time is near enough to those of the others to be told from them. */
  isNear({ pts }: Frame): boolean {
    const time = this.#timeOf(pts);
    return time >= 0 && time <= longest;
  }

  /**
   * Notes a packet. Returns its time in the decoder, in microseconds: 0 or more, a different one for each; `isReordered` or else more
   * than that of the one before.
   */
  add(frame: Frame, isReordered: boolean): number {
    this.#beginning ??= frame.pts;
    let time = this.#timeOf(frame.pts);
    if (!isReordered) time = Math.max(time, this.#latest + 1);
    while (this.#entries.has(time)) time += 1;
    this.#latest = time;
    this.#entries.set(time, { frame, index: this.#added });
    this.#added += 1;
    return time;
  }

  /** Notes that so many more were read; returns those that are too long in the decoder for their pictures to come. */
  noteRead(packets: number): Frame[] {
    this.#read += packets;
    const late: Frame[] = [];
    for (const [time, { frame, index }] of this.#entries) {
      if (this.#read - index <= deepest) break;
      late.push(frame);
      this.#entries.delete(time);
    }
    return late;
  }

  /** The packet that a picture is of, if it is one of those here, and those that it passes over. */
  take(time: number): { packet: Frame | undefined; passed: Frame[] } {
    const packet = this.#entries.get(time)?.frame;
    this.#entries.delete(time);
    const passed: Frame[] = [];
    for (const [other, { frame }] of this.#entries) {
      if (other >= time) continue;
      passed.push(frame);
      this.#entries.delete(other);
    }
    return { packet, passed };
  }

  /** All that are left. */
  takeAll(): Frame[] {
    const left = [...this.#entries.values()].map(({ frame }) => frame);
    this.#entries.clear();
    return left;
  }

  #timeOf(pts: number): number {
    return Math.round((pts - (this.#beginning ?? pts)) * 1000) + lead;
  }
}
