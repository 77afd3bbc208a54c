import type { Codec } from '../../../lib/frame/frame';

/** Events per second over the last second. */
export class Rate {
  #times: number[] = [];

  /** Counts an event now and returns the rate. */
  count(now = performance.now()): number {
    this.#times = this.#times.filter((time) => now - time < 1000);
    this.#times.push(now);
    const span = now - this.#times[0];
    return span > 0 ? Math.round(((this.#times.length - 1) * 1000) / span) : 0;
  }
}

/** Video time as players write it: 0:05, 12:34, 1:02:03. */
export function clockText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How long something took: 85 ms, 4.2 s, 1:19. */
export function delayText(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < 1000) return `${rounded} ms`;
  return rounded < 60_000 ? `${(rounded / 1000).toFixed(1)} s` : clockText(rounded);
}

/** A moment as a person reads it: the time of day, with the date where it is not today's. */
export function momentText(ms: number): string {
  const moment = new Date(ms);
  const isToday = moment.toDateString() === new Date().toDateString();
  return isToday ? moment.toLocaleTimeString() : moment.toLocaleString();
}

const formats: Partial<Record<Codec, string>> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };

/** How compressed video comes to this page; nothing of whole images. */
export function formText({ codec, decoded }: { codec: Codec; decoded?: true }): string {
  const format = formats[codec];
  if (format === undefined) return '';
  return decoded ? ` ${format}, JPEG (decoded on the server)` : ` ${format}`;
}
