import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { unlz4 } from './lz4';
import { unsnappy } from './snappy';
import { damaged, tooLarge, UnreadableError } from './unreadable';
import { unzstd } from './zstd';

const unzipLimited = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

/** By the number in the attributes: https://kafka.apache.org/documentation/#recordbatch */
const decompressors = new Map<number, (bytes: Buffer, limit: number) => Buffer | Promise<Buffer>>([
  [0, (bytes) => bytes],
  [1, gunzip],
  [2, unsnappy],
  [3, unlz4],
  [4, unzstd],
]);

/** Codecs are the lowest three bits of a batch's or a message's attributes; 0 is none. */
export const codecMask = 0x07;

/** The bytes as they were before a codec compressed them. Rejects with an UnreadableError, also beyond `limit` bytes. */
export async function decompress(codec: number, bytes: Buffer, limit: number): Promise<Buffer> {
  const decompressor = decompressors.get(codec);
  if (decompressor === undefined) {
    throw new UnreadableError('unknown-format', `is compressed with codec ${codec}, which Kafka does not know`);
  }
  return decompressor(bytes, limit);
}

async function gunzip(bytes: Buffer, limit: number): Promise<Buffer> {
  try {
    return await unzipLimited(bytes, { maxOutputLength: limit });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : damaged('its gzip data cannot be decompressed', error);
  }
}
