import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { crc32c } from '../../../../lib/kafka/wire/crc32c';

function bitByBit(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}

describe('crc32c', () => {
  // https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
  const vectors: [string, Uint8Array, number][] = [
    ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes counting up', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['32 bytes counting down', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ];
  for (const [name, bytes, checksum] of vectors) {
    it(`gives what RFC 3720 does for ${name}`, () => {
      assert.equal(crc32c(bytes), checksum);
    });
  }

  it('counts the bytes that are left over after the last eight', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  });

  // Long ones go through WebAssembly, in pieces of 48 KB.
  for (const length of [1023, 1024, 1040, 49_151, 49_152, 49_153, 200_003]) {
    it(`gives for ${length} bytes what one bit after the other does`, () => {
      const bytes = randomBytes(length + 1).subarray(1);
      assert.equal(crc32c(bytes), bitByBit(bytes));
    });
  }

  it('goes on from the checksum of what came before', () => {
    const bytes = randomBytes(5000);
    const parts = [bytes.subarray(0, 7), bytes.subarray(7, 3000), bytes.subarray(3000)];
    assert.equal(
      parts.reduce((before, part) => crc32c(part, before), 0),
      crc32c(bytes),
    );
  });

  it('is zero for nothing', () => {
    assert.equal(crc32c(new Uint8Array(0)), 0);
  });
});
