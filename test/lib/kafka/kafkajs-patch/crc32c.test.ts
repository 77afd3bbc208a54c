import assert from 'node:assert/strict';
import { crc32c } from '../../../../lib/kafka/kafkajs-patch/crc32c';

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

  it('is zero for nothing', () => {
    assert.equal(crc32c(new Uint8Array(0)), 0);
  });
});
