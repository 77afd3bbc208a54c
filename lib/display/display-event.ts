import type { ScreenEvent } from './screen-report';
import type { SeekPosition } from './time-shift';

/** What a display tells its flow. */
export interface DisplayEvent {
  event: ScreenEvent | 'shown' | 'command' | 'seek' | 'stop' | 'viewer-joined' | 'viewer-left';
  payload: Record<string, unknown>;
  /** The stream concerned. */
  topic: string;
  /** On `seek` and `stop`, which steer the reader of the frames where they are led to it. */
  action?: 'seek' | 'stop';
  position?: SeekPosition;
  /** Tells this seek from others: its reader sends it along with the frames that it reads from there on. */
  seek?: string;
}
