const status = Buffer.from('RTSP/');
const [lineFeed, carriageReturn, space, tab, plus, zero, three] = Buffer.from('\n\r \t+03');

/**
 * Watches what an RTSP server sends, however it is cut into pieces, for a status of 300 to 399. It reads a status wherever one
 * could be, as leniently as ffmpeg does (carriage returns are skipped, `+0302` is 302): to be told by where messages begin
 * and end, it would have to agree with ffmpeg on that. That video has such bytes by chance is not to be expected in any lifetime.
 */
export class RedirectWatch {
  /** How much of "RTSP/" was read; then: in the version, before the number. */
  #at: number | 'version' | 'before number' = 0;

  /** Whether there is a redirect in this piece or the end of the one before. */
  sees(data: Buffer): boolean {
    for (const byte of data) {
      if (byte === carriageReturn) continue;
      if (this.#at === 'version') {
        if (byte === lineFeed) this.#at = 0;
        else if (byte === space || byte === tab) this.#at = 'before number';
      } else if (this.#at === 'before number') {
        if (byte === three) return true;
        // \v and \f are white space to what reads the number.
        const isBefore = byte === space || byte === tab || byte === plus || byte === zero || byte === 11 || byte === 12;
        if (!isBefore) this.#at = byte === status[0] ? 1 : 0;
      } else {
        this.#at = byte === status[this.#at] ? this.#at + 1 : byte === status[0] ? 1 : 0;
        if (this.#at === status.length) this.#at = 'version';
      }
    }
    return false;
  }
}
