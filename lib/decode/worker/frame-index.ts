import { roundToMicroseconds } from '../../time/round';

/** One line of the index: a packet's place in time and its size. */
export interface IndexEntry {
  /** When it is to be seen, ms. Where ffmpeg does not know, `dts`. */
  pts: number;
  /** When it is to be decoded, ms. Where ffmpeg does not know, `pts`. */
  dts: number;
  /** Whether ffmpeg knows `pts`. */
  isTimed: boolean;
  /** Whether ffmpeg takes it for a key frame. */
  isKey: boolean;
  /** Ms. Undefined where ffmpeg does not know. */
  duration?: number;
  /** Bytes. */
  size: number;
  /** Pixels. */
  width: number;
  height: number;
}

/** ffmpeg's AV_NOPTS_VALUE. */
const noTimestamp = '-9223372036854775808';

/**
 * Reads the output of ffmpeg's framecrc muxer, in pieces of any length:
 * `#tb 0: 1/12800`, `#dimensions 0: 1280x720`, then `stream, dts, pts, duration, size, checksum...` for each packet.
 */
export class FrameIndexParser {
  #rest = '';
  #msPerTick = 1;
  #size = { width: Number.NaN, height: Number.NaN };

  /** The entries that became complete with this piece. */
  push(text: string): IndexEntry[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const entries: IndexEntry[] = [];
    for (const line of lines) {
      if (line.startsWith('#')) this.#readHeader(line);
      else if (line.trim() !== '') entries.push(this.#readEntry(line));
    }
    return entries;
  }

  #readHeader(line: string): void {
    const [, numerator, denominator] = /^#tb 0: (\d+)\/(\d+)/.exec(line) ?? [];
    if (denominator !== undefined) this.#msPerTick = (Number(numerator) * 1000) / Number(denominator);
    const [, width, height] = /^#dimensions 0: (\d+)x(\d+)/.exec(line) ?? [];
    if (height !== undefined) this.#size = { width: Number(width), height: Number(height) };
  }

  #readEntry(line: string): IndexEntry {
    const [, dts, pts, duration, size] = line.split(',').map((field) => field.trim());
    const flags = /, F=0x([\da-f]+)/i.exec(line)?.[1];
    const entry = {
      pts: this.#milliseconds(pts === noTimestamp ? dts : pts),
      dts: this.#milliseconds(dts === noTimestamp ? pts : dts),
      isTimed: pts !== noTimestamp,
      isKey: flags === undefined || (Number.parseInt(flags, 16) & 1) === 1,
      duration: this.#milliseconds(duration) || undefined,
      size: Number(size),
      ...this.#size,
    };
    const isWhole = Number.isFinite(entry.pts) && Number.isSafeInteger(entry.size) && entry.size >= 0;
    if (isWhole && Number.isFinite(entry.width)) return entry;
    throw new SyntaxError(`Not a line of ffmpeg's framecrc: "${line}"`);
  }

  #milliseconds(ticks: string | undefined): number {
    return roundToMicroseconds(Number(ticks) * this.#msPerTick);
  }
}
