import { randomUUID } from 'node:crypto';
import type { DisplayEvent } from './display-event';
import type { DisplayItem } from './screen';
import type { SeekPosition } from './time-shift';

/** Steers the reader of the frames, where the events are led to it. */
export class Steering {
  readonly #onEvent: (event: DisplayEvent) => void;
  #mayLeap = false;

  constructor(onEvent: (event: DisplayEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Whether the reader goes on with the newest frame by itself after it was held, unless it is sent to the past. */
  get mayLeap(): boolean {
    return this.#mayLeap;
  }

  /** A frame has come from the reader. */
  note({ isReaderLeaping, isPast }: Pick<DisplayItem, 'isReaderLeaping' | 'isPast'>): void {
    this.#mayLeap = isReaderLeaping === true && isPast !== true;
  }

  seek(position: SeekPosition, topic: string): void {
    const payload = { position };
    this.#onEvent({ event: 'seek', action: 'seek', position, seek: randomUUID(), payload, topic });
  }

  stop(topic: string): void {
    this.#onEvent({ event: 'stop', action: 'stop', payload: {}, topic });
  }
}
