import { VideoError } from '../../errors';
import { type Frame, isVideoCodec } from '../../frame/frame';
import { PictureGroups } from '../../frame/picture-groups';
import { RecentMap } from '../../recent-map';
import { type LaneId, nameOf } from './lane';

/** Lanes that are remembered; beyond, nothing is known of what was sent in the one unused for longest. */
const maxLanes = 1000;

/**
 * Knows in each lane which frames of compressed video whoever reads them could decode: where one was lost, nobody needs those that
 * hang on it. What was sent before this producer was there is taken to be in the topic.
 */
export class SentGroups {
  readonly #lanes = new RecentMap<string, PictureGroups>(maxLanes);

  /** Whether a frame is worth sending; then it counts as sent. To be called in the order of the lane. */
  admit({ id }: LaneId, frame: Frame): boolean {
    const groups = this.#groupsOf(id, frame);
    if (groups?.standingOf(frame) === 'undecodable') return false;
    groups?.passOn(frame);
    return true;
  }

  /** A frame will not be in the topic. */
  lose({ id }: LaneId, frame: Frame): void {
    this.#groupsOf(id, frame)?.lose(frame);
  }

  #groupsOf(id: string, { codec }: Frame): PictureGroups | undefined {
    const known = this.#lanes.get(id);
    if (known !== undefined || !isVideoCodec(codec)) return known;
    const groups = new PictureGroups();
    this.#lanes.set(id, groups);
    return groups;
  }
}

/** Why a frame that hangs on a lost one is not sent. */
export function undecodable(frame: Frame): VideoError {
  return new VideoError(
    'KEY_FRAME_MISSING',
    `${nameOf(frame)} was not sent: it hangs on a frame that was not, and nobody could decode it. The next key frame is sent again, and what follows it.`,
  );
}
