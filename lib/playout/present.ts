import type { Frame } from '../frame/frame';
import { RecentMap } from '../recent-map';
import type { Clock } from '../time/clock';
import { RecentLeast } from '../time/recent-least';

/** Streams that are remembered; beyond, the one unused for longest starts over. */
const maxStreams = 1000;
/** Ms over which a source may deliver unevenly: HLS, a segment of several seconds at a time. */
const deliverySpan = 10_000;
/** Ms of video between two frames that are not from the same delivery. */
const longestGap = 1000;
/** Ms that a frame may take from its source to here. What takes longer is old, or of a machine whose clock is wrong. */
const plausibleTransit = 2000;
/** Ms a second by which two machines' clocks may drift apart. */
const drift = 0.2;

interface Stream {
  session: string;
  /** `decodedAt` of the latest frame. */
  position: number;
  /** Of `position - time`: where it is least, the source was slowest to deliver. */
  delivery: RecentLeast;
  /** Ms from capture to arrival, by the clocks of both machines: at best, and of the latest frame. */
  base: number;
  transit: number;
  arrivedAt: number;
}

/**
 * Knows where the present of live streams is: how far behind it a frame is shown, whatever time it is on the camera's
 * machine. A frame that is shown as soon as frames ever came is at the present, and so is one that is shown as soon as a
 * source that delivers in bursts lets it be, played evenly.
 */
export class Present {
  readonly #clock: Clock;
  readonly #streams = new RecentMap<string, Stream>(maxStreams);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A live frame has arrived. */
  note(frame: Frame): void {
    const now = this.#clock.now();
    const known = this.#streams.get(frame.stream);
    const delivery = known !== undefined && goesOn(known, frame) ? known.delivery : new RecentLeast(deliverySpan);
    delivery.note(decodedAt(frame) - frame.time, now);
    const transit = this.#clock.date() - frame.time;
    const base =
      known === undefined
        ? firstBase(transit)
        : Math.min(known.base + (drift * (now - known.arrivedAt)) / 1000, transit);
    const { session } = frame;
    const position = decodedAt(frame);
    this.#streams.set(frame.stream, { session, position, delivery, base, transit, arrivedAt: now });
  }

  /** The newest frame of the stream is the newest there is: it is at the present, however old its time says that it is. */
  reach(stream: string): void {
    const known = this.#streams.get(stream);
    if (known !== undefined) known.base = known.transit;
  }

  /** Ms by which a live frame would be behind the present if it were shown now, or is, as it is on screen. */
  lagOf(frame: Frame): number {
    const known = this.#streams.get(frame.stream);
    const captured = known?.session === frame.session ? frame.pts - known.delivery.value : frame.time;
    return this.#clock.date() - captured - (known?.base ?? 0);
  }

  /** When the newest frame of the stream came, and after how many ms since its capture, by the clocks of both machines. */
  arrivalOf(stream: string): { arrivedAt: number; transit: number } | undefined {
    return this.#streams.get(stream);
  }

  /**
   * When the frame was captured, in ms on the clock's `now()`. A camera's clock that cannot be right is taken to be off by as
   * much as its frames seem to travel.
   */
  capturedAt(frame: Frame): number {
    const base = this.#streams.get(frame.stream)?.base ?? 0;
    const isOff = frame.live === true && (base < 0 || base > plausibleTransit);
    return this.#clock.now() - (this.#clock.date() - frame.time) + (isOff ? base : 0);
  }
}

/** A stream that comes late from the beginning is behind, until it turns out that nothing newer is to be had. */
const firstBase = (transit: number) => (transit > plausibleTransit ? 0 : transit);

/** Ms of video. Frames come in this order; that of `pts` is another one where pictures are decoded ahead of those before them. */
const decodedAt = ({ dts, pts }: Frame) => dts ?? pts;

function goesOn(known: Stream, frame: Frame): boolean {
  const step = decodedAt(frame) - known.position;
  return frame.session === known.session && step > 0 && step <= longestGap;
}
