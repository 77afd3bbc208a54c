import { Transform } from 'node:stream';
import { crc32c } from '../../lib/kafka/wire/crc32c';

/** Changes a record batch where it lies. */
export type Damage = (batch: Buffer) => void;

/** Where things are in a batch: https://kafka.apache.org/documentation/#recordbatch */
const at = { size: 8, format: 16, crc: 17, checked: 21, attributes: 21, lastOffsetDelta: 23, count: 57, records: 61 };

/** Ways a batch can be damaged on a disk or in memory, and by a program that writes them wrongly. */
export const damages = {
  'a bit of an image': (batch) => flip(batch, batch.length - 10),
  'its attributes': (batch) => flip(batch, at.attributes),
  'its last offset, which becomes another': (batch) => batch.writeInt32BE(1_000_000, at.lastOffsetDelta),
  'its last offset, which becomes less than nothing': (batch) => batch.writeInt32BE(-7, at.lastOffsetDelta),
  'its offset': (batch) => batch.writeBigInt64BE(9_000_000_000n, 0),
  'its size, which becomes more than there is': (batch) => batch.writeInt32BE(0x7fffffff, at.size),
  'its size, which becomes nothing': (batch) => batch.writeInt32BE(0, at.size),
  'its format': (batch) => batch.writeInt8(9, at.format),
  'its number of records, which becomes 2 billion': (batch) => seal(batch, () => batch.writeInt32BE(2e9, at.count)),
  'its number of records, which becomes 30': (batch) => seal(batch, () => batch.writeInt32BE(30, at.count)),
  'the size of a record': (batch) => seal(batch, () => batch.fill(0xff, at.records, at.records + 4)),
} satisfies Record<string, Damage>;

/** Has a batch say that it is compressed with a codec, which it is not. */
export const claimCodec =
  (codec: number): Damage =>
  (batch) =>
    seal(batch, () => batch.writeInt16BE(codec, at.attributes));

/** What the broker says, answer by answer, with the batches damaged that have `marker` in them. */
export function damaging(marker: string, damage: Damage): Transform {
  let waiting = Buffer.alloc(0);
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const size = 4 + waiting.readInt32BE(0);
        const answer = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        for (const batch of batchesWith(marker, answer)) damage(batch);
        this.push(answer);
      }
      done();
    },
  });
}

function flip(batch: Buffer, index: number): void {
  batch[index] = (batch[index] as number) ^ 1;
}

/** Makes the checksum right after a change. */
function seal(batch: Buffer, change: () => void): void {
  change();
  batch.writeUInt32BE(crc32c(batch.subarray(at.checked)), at.crc);
}

function batchesWith(marker: string, answer: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start + at.records <= answer.length; start += 1) {
    if (answer[start + at.format] !== 2) continue;
    const batch = answer.subarray(start, start + 12 + answer.readInt32BE(start + at.size));
    if (batch.length < at.records || crc32c(batch.subarray(at.checked)) !== batch.readUInt32BE(at.crc)) continue;
    if (batch.includes(marker)) found.push(batch);
    start += batch.length - 1;
  }
  return found;
}
