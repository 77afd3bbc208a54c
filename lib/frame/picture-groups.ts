import { RecentMap } from '../recent-map';
import { type Codec, type Frame, isVideoCodec } from './frame';
import { sessionKey } from './name';

/**
 * What a frame is to whoever decodes its stream, after what was passed on of it:
 * `decodable`: a whole image, a key frame, or one that follows all it needs;
 * `repeated`: one like it was passed on before, and a decoder would take it for the next;
 * `undecodable`: something that it needs is missing, and so it is until the next key frame;
 * `unknown`: nothing of its session was passed on before.
 */
export type Standing = 'decodable' | 'repeated' | 'undecodable' | 'unknown';

/** Sessions that are remembered; beyond, the one unused for longest is unknown again. */
const maxSessions = 1000;

interface Group {
  codec: Codec;
  /** Number of the last frame passed on; undefined where there is none. */
  seq?: number;
  /** Number of the first one that was lost since the key frame. */
  lost?: number;
}

/**
 * Knows which frames of compressed streams can be decoded: a key frame and all that follow it, up to the first that is missing.
 * What is missing shows in the numbers of those that follow.
 */
export class PictureGroups {
  readonly #groups = new RecentMap<string, Group>(maxSessions);

  /** `isNumbered`: whether the frames of its session are numbered one by one. */
  standingOf(frame: Frame, isNumbered = true): Standing {
    if (!isVideoCodec(frame.codec) || frame.key) return 'decodable';
    const group = this.#groups.get(sessionKey(frame));
    if (group === undefined) return 'unknown';
    if (group.codec !== frame.codec || (group.lost !== undefined && frame.seq >= group.lost)) return 'undecodable';
    if (group.seq === undefined) return 'unknown';
    if (frame.seq <= group.seq) return 'repeated';
    return isNumbered && frame.seq > group.seq + 1 ? 'undecodable' : 'decodable';
  }

  /** The frame is passed on; those of a session in their order. */
  passOn(frame: Frame): void {
    const { codec, seq, key } = frame;
    const id = sessionKey(frame);
    const group = this.#groups.get(id);
    if (!isVideoCodec(codec)) {
      // Decoders begin anew behind an image.
      if (group !== undefined) this.#groups.set(id, { codec, seq });
      return;
    }
    // A repeated frame leaves the place where the stream is.
    const last = key ? seq : Math.max(seq, group?.seq ?? seq);
    const lost = group?.lost !== undefined && key && group.lost < seq ? undefined : group?.lost;
    this.#groups.set(id, { codec, seq: last, ...(lost !== undefined && { lost }) });
  }

  /** The frame will not be passed on. Those with smaller numbers may still be. */
  lose(frame: Frame): void {
    if (!isVideoCodec(frame.codec)) return;
    const id = sessionKey(frame);
    const group = this.#groups.get(id) ?? { codec: frame.codec };
    this.#groups.set(id, { ...group, lost: Math.min(frame.seq, group.lost ?? frame.seq) });
  }

  /** Nothing is known of the frame's session any more. */
  forget(frame: Frame): void {
    this.#groups.delete(sessionKey(frame));
  }
}
