import assert from 'node:assert/strict';

const startCode = Buffer.from([0, 0, 1]);
const sequenceParameters = 0x67;

/**
 * An access unit of x264's without what its sequence parameter set says of how pictures are reordered (bitstream_restriction, at
 * its very end: ITU-T H.264, E.1.1). Some encoders say nothing of it.
 */
export function withoutReordering(unit: Buffer): Buffer {
  const at = unit.indexOf(Buffer.from([...startCode, sequenceParameters])) + startCode.length;
  const next = unit.indexOf(startCode, at);
  const end = next < 0 ? unit.length : next - (unit[next - 1] === 0 ? 1 : 0);
  const bits = [...unescaped(unit.subarray(at, end))].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const content = bits.slice(0, bits.lastIndexOf('1'));
  const changed = `${content.slice(0, restrictionAt(content))}01`;
  return Buffer.concat([unit.subarray(0, at), escaped(changed), unit.subarray(end)]);
}

/** Where the flag is that six numbers follow, behind another flag, to the end. */
function restrictionAt(content: string): number {
  for (let at = content.lastIndexOf('1'); at > 0; at = content.lastIndexOf('1', at - 1)) {
    const numbers: number[] = [];
    for (let next = at + 2; next < content.length; ) {
      const zeros = content.indexOf('1', next) - next;
      if (zeros < 0) break;
      const after = next + 2 * zeros + 1;
      numbers.push(after > content.length ? Number.NaN : Number.parseInt(content.slice(next, after), 2) - 1);
      next = after;
    }
    const [bytes, blocks, across = 0, down = 0, reordered = 0, buffered = 0] = numbers;
    const isLikely = numbers.length === 6 && bytes === 0 && blocks === 0 && across > 4 && down > 4;
    if (isLikely && reordered > 0 && reordered <= buffered) return at;
  }
  return assert.fail('the parameter set says nothing of it');
}

/** Without the bytes that keep start codes from occurring by chance. */
function unescaped(bytes: Buffer): number[] {
  return [...bytes].filter((byte, at) => !(byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0));
}

function escaped(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  const bytes: number[] = [];
  for (let at = 0; at < padded.length; at += 8) {
    const byte = Number.parseInt(padded.slice(at, at + 8), 2);
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}
