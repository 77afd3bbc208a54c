/** Advances a CRC over bytes in WebAssembly. */
export interface WasmChecksum {
  /** Bytes per turn: it takes multiples of this only. */
  readonly step: number;
  /** `crc` as it stands between two bytes, inverted as CRC-32C has it. */
  advance(crc: number, bytes: Uint8Array): number;
}

const tableSize = 1024;
const step = 16;

/**
 * The loop of `crc32c` in WebAssembly, where a load is one instruction and nothing is checked: it takes little more
 * than half the time, the copying included. `tables` are the 16 tables of the CRC, 256 numbers of 32 bits each.
 * Undefined where WebAssembly is switched off, or its memory, which needs 8 GB of addresses, is not to be had.
 */
export function wasmChecksum(tables: readonly Int32Array[]): WasmChecksum | undefined {
  let instance: WebAssembly.Instance;
  try {
    instance = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(loop())));
  } catch {
    return undefined; // The checksum is the same without, it only takes longer.
  }
  const { memory, run } = instance.exports as unknown as {
    memory: WebAssembly.Memory;
    run: (crc: number, from: number, end: number) => number;
  };
  tables.forEach((table, index) => {
    new Int32Array(memory.buffer, index * tableSize, 256).set(table);
  });
  // The rest of the 64 KB that the module has, for the bytes, which are copied there piece by piece.
  const room = new Uint8Array(memory.buffer, tables.length * tableSize);
  return {
    step,
    advance(start, bytes) {
      let crc = start;
      for (let at = 0; at < bytes.length; at += room.length) {
        const piece = bytes.subarray(at, at + room.length);
        room.set(piece);
        crc = run(crc, room.byteOffset, room.byteOffset + piece.length);
      }
      return crc;
    },
  };
}

// Instructions: https://webassembly.github.io/spec/core/binary/instructions.html
const [i32, i64] = [0x7f, 0x7e];
const op = {
  loop: [0x03, 0x40],
  branchIf: 0x0d,
  end: 0x0b,
  get: 0x20,
  set: 0x21,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Less: 0x49,
  i32Add: 0x6a,
  i32And: 0x71,
  i32Xor: 0x73,
  i64Xor: 0x85,
  i64Left: 0x86,
  i64Right: 0x88,
  wrap: 0xa7,
  extend: 0xad,
};
/** The function's parameters, then its own variables. */
const [crc, at, end, word] = [0, 1, 2, 3];

/** `do { crc = the 16 bytes at `at`, the crc in their first four; at += 16; } while (at < end); return crc;` */
function loop(): number[] {
  return [
    ...op.loop,
    ...[op.get, at, op.i64Load, 0, ...leb(0), op.get, crc, op.extend, op.i64Xor, op.set, word],
    ...lookUps(15),
    ...[op.get, at, op.i64Load, 0, ...leb(8), op.set, word],
    ...lookUps(7),
    ...[op.i32Xor, op.set, crc],
    ...[op.get, at, op.i32Const, ...leb(step), op.i32Add, op.set, at],
    ...[op.get, at, op.get, end, op.i32Less, op.branchIf, 0],
    op.end,
    ...[op.get, crc, op.end],
  ];
}

/** What eight tables, the highest first, say of the eight bytes of `word`, the lowest first: one number, left on the stack. */
function lookUps(highest: number): number[] {
  return Array.from({ length: 8 }, (_, byte) => {
    // The byte times four: where its number stands in the table.
    const shift = byte * 8 - 2;
    return [
      ...[op.get, word, op.i64Const, ...leb(Math.abs(shift)), shift < 0 ? op.i64Left : op.i64Right],
      ...[op.wrap, op.i32Const, ...leb(0xff * 4), op.i32And],
      ...[op.i32Load, 2, ...leb((highest - byte) * tableSize)],
      ...(byte === 0 ? [] : [op.i32Xor]),
    ];
  }).flat();
}

/** A module of one function and one page of memory: https://webassembly.github.io/spec/core/binary/modules.html */
function moduleOf(body: number[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const code = [1, 1, i64, ...body];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i32, i32, i32, 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, 1, 1]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

/** LEB128, seven bits a byte; of numbers that are not negative a signed reader makes the same, bit 6 of the last being 0. */
function leb(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
