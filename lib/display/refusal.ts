import { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import type { Clock } from '../time/clock';
import { RateLimit } from '../time/rate-limit';

/** Errors a second: one a minute. The others are counted with the frames dropped. */
const perSecond = 1 / 60;

/** Complains of pictures that are too large to be shown: of the first, and of one a minute after it. */
export class Refusals {
  readonly #limit: RateLimit;

  constructor(clock: Clock) {
    this.#limit = new RateLimit(clock, { burst: 1, perSecond });
  }

  /** The error for this one, PICTURE_TOO_LARGE; undefined where it is only counted. */
  errorFor({ stream, width, height }: Frame): VideoError | undefined {
    if (!this.#limit.take()) return undefined;
    return new VideoError(
      'PICTURE_TOO_LARGE',
      `A picture of "${stream}" has ${width} x ${height} pixels, too many for a browser, and is not shown: ` +
        'up to 8K is; set a smaller width at the source. Others like it are counted in the dropped event.',
    );
  }
}
