import type { FrameOutcome } from '../../flow/outcome';
import type { WindowLimits } from '../../flow/window';
import type { EncodedFrame, Frame } from '../../frame/frame';
import type { TopicPartition } from '../cluster/topic-partition';
import type { KeepUpOptions } from './keep-up';
import type { DeletedRecords } from './loss-watch';
import type { RecordInfo } from './record';
import type { UnreadableRecords } from './unreadable-watch';

export interface ReadingOptions extends WindowLimits, KeepUpOptions {
  /** Hand out this stream's frames only. */
  stream?: string;
}

/** What was read since the start. */
export interface ReadingTotals {
  frames: number;
  bytes: number;
  /** Records that are not frames. */
  skipped: number;
  /** Frames of compressed video that were not handed out, as something is missing that it takes to decode them. */
  undecodable: number;
  /** Records whose batch could not be read. */
  unreadable: number;
  /** Frames handed out and not finished. */
  unfinished: number;
}

export interface ReadingHandlers {
  /**
   * Called in the order of each partition; `onFinished` is to be called once when nobody works on the frame any more. From an
   * abandoned frame on, its partition is read again. `onHeld` is to be called where a decoder keeps the frame, which may need others
   * before anybody can finish this one: it takes up no room any more.
   */
  onFrame: (
    encoded: EncodedFrame,
    info: RecordInfo,
    onFinished: (outcome?: FrameOutcome) => void,
    onHeld: () => void,
  ) => void;
  /** Called for a record that is not a frame. */
  onSkipped: (info: RecordInfo) => void;
  /** Called for a frame of compressed video that is not handed out, as something is missing that it takes to decode it. */
  onUndecodable: (info: RecordInfo, frame: Frame) => void;
  /** Called when reading fell too far behind and goes on with the newest record; `passed` records are not handed out. */
  onJumped: (jump: TopicPartition & { passed: number }) => void;
  /** Called for records that Kafka deleted before they were read, once for each range of them. */
  onDeleted: (deleted: DeletedRecords) => void;
  /** Called for records that cannot be read and are passed over, once for each partition and cause. */
  onUnreadable: (records: UnreadableRecords) => void;
}
