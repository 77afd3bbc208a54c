import type { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import type { PlayoutOptions } from '../playout/playout-options';
import type { DisplayEvent } from './display-event';
import type { OpenDecoder } from './picture-decoding';
import type { DisplayReport } from './report';
import type { DisplayItem } from './screen';

export interface DisplayOptions<T extends DisplayItem>
  extends Omit<PlayoutOptions<T>, 'onState' | 'onEnded' | 'onStarved' | 'untrackedLimits'> {
  /** A screen for each stream, each at its own clock, instead of one for all. */
  wall?: boolean;
  /** Whether each frame shown is told in an event. */
  tellShown?: boolean;
  /** The frame was too large to be shown, and is given back with this; `error` is that to report, once a minute at most. */
  onRefuse: (item: T, error?: VideoError) => void;
  /** Decodes compressed video for viewers that cannot; without it, they see none. */
  openDecoder?: OpenDecoder;
  /** It could not. */
  onDecodingError?: (error: VideoError) => void;
  onEvent: (event: DisplayEvent) => void;
  /** Called at every change of state, unless there are many, and at most once a second otherwise. */
  onReport: (report: DisplayReport) => void;
}

/** A frame as viewers get it. */
export interface ViewedFrame extends Frame {
  /** When it was captured, in ms on the display's clock, as far as is known: see `Present`. */
  captured: number;
}
