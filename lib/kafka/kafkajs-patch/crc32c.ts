/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches, eight bytes at a time ("slicing-by-8":
 * Kounavis and Berry, "A Systematic Approach to Building High Performance, Software-based, CRC Generators", 2005).
 */
const polynomial = 0x82f63b78; // reversed

const [t0, t1, t2, t3, t4, t5, t6, t7] = makeTables();

/** The checksum as an unsigned 32 bit number. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (t7[low & 0xff] as number) ^
      (t6[(low >>> 8) & 0xff] as number) ^
      (t5[(low >>> 16) & 0xff] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at += 1) {
    crc = (t0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return (crc ^ -1) >>> 0;
}

type Table = Int32Array;

/** The first table advances the checksum by one byte, each further one by one byte more. */
function makeTables(): [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = new Int32Array(256).map((_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const next = (table: Table) => table.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
