import { RecentMap } from '../recent-map';
import { type Frame, isVideoCodec } from './frame';
import { readImageHeader } from './image-header';
import { sessionKey } from './name';
import { readPacketHeader } from './packet-header';

/** What is known of a frame from its own bytes. */
export type Picture = Pick<Frame, 'codec' | 'width' | 'height' | 'key' | 'profile'>;

/** Sessions whose pictures' size is remembered; beyond, that of the one unused for longest is not known any more. */
const maxSessions = 1000;

/**
 * Reads what frames say of themselves in their own bytes, whatever is said of them elsewhere. Of compressed video, most frames do
 * not say how large their picture is: it is as large as that of their session's last key frame.
 */
export class PictureReader {
  readonly #sizes = new RecentMap<string, { width: number; height: number }>(maxSessions);

  /**
   * `said` is what is said of the frame elsewhere, as that it is compressed video: nothing in the bytes tells. Undefined where
   * they are no access unit of the codec said, or else no image. The size is 0 by 0 where a frame of compressed video comes
   * before all key frames and nobody says it: then the frame cannot be decoded either.
   */
  read(data: Uint8Array, said: Partial<Frame>, of: Pick<Frame, 'stream' | 'session'>) {
    const { codec } = said;
    if (codec === undefined || !isVideoCodec(codec)) return readImageHeader(data);
    const header = readPacketHeader(codec, data);
    if (header === undefined) return undefined;
    const { key, profile = said.profile, width, height } = header;
    const id = sessionKey(of);
    const told = width !== undefined && height !== undefined ? { width, height } : undefined;
    const { width: saidWidth = 0, height: saidHeight = 0 } = said;
    const size = told ?? this.#sizes.get(id) ?? { width: saidWidth, height: saidHeight };
    if (told !== undefined) this.#sizes.set(id, told);
    const picture: Picture = { codec, ...size };
    if (key) picture.key = true;
    if (key && profile !== undefined) picture.profile = profile;
    return picture;
  }
}
