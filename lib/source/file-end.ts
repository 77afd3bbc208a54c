import { type FileHandle, open, stat } from 'node:fs/promises';

/** Ms after the last change of a file that grew within which it counts as still being written. */
const freshness = 2000;

/** Elements of a file that are walked over at most; what has more of them counts as whole. */
const mostElements = 100_000;

/** Lengths of a packet of a transport stream, also with a timestamp before it or a checksum behind. */
const packetLengths = [188, 192, 204];

/**
 * Notes how long a file is that is about to be read. What it returns tells, once the file has been read, why that was not all of it,
 * for a person; undefined where it was, as far as can be told by the file. `isFollowed`: it is read until it has stopped growing.
 * `format`: its container, as ffmpeg names it.
 */
export function noteLength(path: string, isFollowed: boolean): (format: string) => Promise<string | undefined> {
  // A file that cannot be looked at is reported by who reads it.
  const before = stat(path).then(
    ({ size }) => size,
    () => Infinity,
  );
  return async (format) => {
    // One that was removed meanwhile was read all the same, and tells no more.
    const file = await open(path, 'r').catch(() => undefined);
    if (file === undefined) return undefined;
    try {
      const { size, mtimeMs } = await file.stat();
      const isGrowing = !isFollowed && size > (await before) && Date.now() - mtimeMs < freshness;
      if (isGrowing) return 'it is still being written. Tick "Follow" to wait for the rest';
      return (await breaksOff(file, size, format)) ? 'it breaks off in the middle' : undefined;
    } finally {
      await file.close();
    }
  };
}

/** Whether a file ends within a part of it, as one does whose writer was ended before it was finished, or which was not copied whole. */
async function breaksOff(file: FileHandle, size: number, format: string): Promise<boolean> {
  if (format === 'mpegts') return packetLengths.every((length) => size % length !== 0);
  if (format === 'flv') return !(await endsWithTag(file, size));
  const lengthOf = containers[format];
  if (lengthOf === undefined) return false;
  let position = 0;
  for (let count = 0; position < size && count < mostElements; count += 1) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, position);
    const length = lengthOf(buffer.subarray(0, bytesRead));
    // Something else follows, as some programs append it.
    if (length === undefined) return false;
    position += length;
  }
  return position > size;
}

/** Bytes of the element that begins so, or of its header if what follows is in it; undefined for what is none. */
type LengthOf = (head: Buffer) => number | undefined;

/** Containers that are a row of elements, each of which says how long it is. */
const containers: Record<string, LengthOf> = {
  'matroska,webm': lengthOfElement,
  'mov,mp4,m4a,3gp,3g2,mj2': lengthOfBox,
  avi: lengthOfChunk,
};

/** Matroska: RFC 8794, 5 and 6. Segment and cluster may be of unknown length. */
function lengthOfElement(head: Buffer): number | undefined {
  const idLength = Math.clz32(head[0] ?? 0) - 23;
  const sizeLength = Math.clz32(head[idLength] ?? 0) - 23;
  if (idLength > 4 || sizeLength > 8 || head.length < idLength + sizeLength) return undefined;
  const bytes = head.subarray(idLength, idLength + sizeLength);
  const all = 2n ** BigInt(7 * sizeLength) - 1n;
  const size = BigInt(`0x${bytes.toString('hex')}`) & all;
  if (size !== all) return idLength + sizeLength + Number(size);
  const isOpen = ['18538067', '1f43b675'].includes(head.toString('hex', 0, idLength));
  return isOpen ? idLength + sizeLength : undefined;
}

/** MP4: ISO/IEC 14496-12, 4.2. A box of length 0 goes on to the end of the file. */
function lengthOfBox(head: Buffer): number | undefined {
  if (head.length < 8 || !/^[\w ©-]{4}$/.test(head.toString('latin1', 4, 8))) return undefined;
  const size = head.readUInt32BE(0);
  if (size !== 1) return size >= 8 ? size : undefined;
  return head.length < 16 ? undefined : Number(head.readBigUInt64BE(8));
}

/** AVI: RIFF chunks, of which a large file has several. */
function lengthOfChunk(head: Buffer): number | undefined {
  if (head.length < 8 || head.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  const size = head.readUInt32LE(4);
  return 8 + size + (size % 2);
}

/** FLV: each tag is followed by its length (Adobe's Video File Format Specification, E.3). */
async function endsWithTag(file: FileHandle, size: number): Promise<boolean> {
  const read = async (position: number, length: number) =>
    (await file.read(Buffer.alloc(length), 0, length, Math.max(0, position))).buffer;
  const length = (await read(size - 4, 4)).readUInt32BE(0);
  const tag = await read(size - 4 - length, 4);
  return [8, 9, 18].includes((tag[0] ?? 0) & 0x1f) && tag.readUIntBE(1, 3) + 11 === length;
}
