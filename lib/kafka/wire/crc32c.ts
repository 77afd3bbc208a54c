import { wasmChecksum } from './crc32c-wasm';

/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches, several bytes at a time ("slicing":
 * Kounavis and Berry, "A Systematic Approach to Building High Performance, Software-based, CRC Generators", 2005).
 */
const polynomial = 0x82f63b78; // reversed

/** Of bytes this many and more WebAssembly makes the checksum, nearly twice as fast; for fewer the way there is too long. */
const enoughForWasm = 1024;

const tables = makeTables(16);
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [Table, Table, Table, Table, Table, Table, Table, Table];
const wasm = wasmChecksum(tables);

/**
 * The checksum as an unsigned 32 bit number; of several pieces one after the other when `before` is the checksum of
 * those before this one.
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = before ^ -1;
  let at = 0;
  if (wasm !== undefined && bytes.length >= enoughForWasm) {
    at = bytes.length - (bytes.length % wasm.step);
    crc = wasm.advance(crc, bytes.subarray(0, at));
  }
  return (advance(crc, bytes, at) ^ -1) >>> 0;
}

function advance(start: number, bytes: Uint8Array, from: number): number {
  let crc = start;
  let at = from;
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
  return crc;
}

type Table = Int32Array;

/** The first table advances the checksum by one byte, each further one by one byte more. */
function makeTables(count: number): Table[] {
  const first = new Int32Array(256).map((_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const made = [first];
  while (made.length < count) {
    made.push((made.at(-1) as Table).map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number)));
  }
  return made;
}
