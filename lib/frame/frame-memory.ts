import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of frames after which the finished ones among them are looked for. */
const interval = 4_000_000;

/** Collects what is not used any more: all of it, or young objects alone. */
type CollectGarbage = (options?: { type: 'minor' }) => void;

let collect: CollectGarbage | 'unavailable' | undefined;
let bytesSince = 0;

/**
 * Tells that so many bytes of frames came into this thread from another one, and now and then has the finished ones
 * freed. (Of memory that is asked for in this thread V8 keeps better track.)
 *
 * A frame's bytes lie outside V8's heap. V8 takes their growth, by 8 MB in a small heap, for a reason to mark the whole
 * heap, Node-RED's included: at 200 frames of 720p per second that is several times a second, on helper threads which
 * take half a core from ffmpeg. A collection of young objects alone, where finished frames nearly always are, takes a
 * millisecond and keeps the growth from ever being noticed.
 *
 * JavaScript can ask for one only by way of a flag (https://nodejs.org/api/cli.html#--expose-gc), which is set for the
 * moment of getting hold of the function. Where that does not work, V8 does as it would.
 */
export function noteFrameMemory(bytes: number): void {
  bytesSince += bytes;
  if (bytesSince < interval) return;
  bytesSince = 0;
  collect ??= collector();
  if (collect !== 'unavailable') collect({ type: 'minor' });
}

/** V8's own, which leaves no trace of having been got hold of. */
export function collector(): CollectGarbage | 'unavailable' {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as CollectGarbage | undefined;
  // Contexts that others make are to be as they would have been, unless Node-RED was started with it.
  if (!('gc' in globalThis)) setFlagsFromString('--no-expose-gc');
  return typeof gc === 'function' ? gc : 'unavailable';
}
