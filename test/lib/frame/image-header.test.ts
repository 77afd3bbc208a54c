import assert from 'node:assert/strict';
import sharp from 'sharp';
import { readImageHeader } from '../../../lib/frame/image-header';

const picture = () =>
  sharp({ create: { width: 321, height: 123, channels: 3, background: { r: 200, g: 80, b: 30 } } }).withMetadata();

const encodings: [string, Promise<Buffer>][] = [
  ['jpeg', picture().jpeg().toBuffer()],
  ['jpeg, progressive', picture().jpeg({ progressive: true }).toBuffer()],
  [
    'jpeg, EXIF',
    picture()
      .withExif({ IFD0: { Copyright: 'x'.repeat(30_000) } })
      .jpeg()
      .toBuffer(),
  ],
  ['png', picture().png().toBuffer()],
  [
    'webp, lossy',
    sharp({ create: { width: 321, height: 123, channels: 3, background: 'red' } })
      .webp()
      .toBuffer(),
  ],
  [
    'webp, lossless',
    sharp({ create: { width: 321, height: 123, channels: 3, background: 'red' } })
      .webp({ lossless: true })
      .toBuffer(),
  ],
  ['webp, extended', picture().webp().toBuffer()],
  ['gif', picture().gif().toBuffer()],
  ['avif', picture().avif({ effort: 0 }).toBuffer()],
];

/** Up to 39 bytes, the same in every run. */
const garbage = (round: number) =>
  Buffer.from(Array.from({ length: round % 40 }, (_, at) => (at * round * 89 + 17) % 251));

describe('readImageHeader', () => {
  for (const [name, encoded] of encodings) {
    it(`reads codec and size of ${name}`, async () => {
      const codec = name.split(',')[0];
      assert.deepEqual(readImageHeader(await encoded), { codec, width: 321, height: 123 });
    });

    it(`reads ${name} as soon as enough of it is there, and nothing wrong before`, async () => {
      const data = await encoded;
      const headers = Array.from(data, (_, length) => readImageHeader(data.subarray(0, length)));
      const enough = headers.findIndex((header) => header !== undefined);
      assert.ok(enough > 0);
      for (const header of headers.slice(enough)) assert.deepEqual([header?.width, header?.height], [321, 123]);
    });
  }

  it('accepts fill bytes before a JPEG marker', async () => {
    const data = await picture().jpeg().toBuffer();
    const filled = Buffer.concat([data.subarray(0, 2), Buffer.alloc(5, 0xff), data.subarray(2)]);
    assert.deepEqual(readImageHeader(filled), { codec: 'jpeg', width: 321, height: 123 });
  });

  it('takes a GIF for as large as its first frame, which decoders enlarge it to', async () => {
    const data = Buffer.from(await picture().gif().toBuffer());
    data.writeUInt16LE(1, 6);
    data.writeUInt16LE(1, 8);
    assert.deepEqual(readImageHeader(data), { codec: 'gif', width: 321, height: 123 });
    const frame = data.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 321 & 0xff, 321 >> 8]));
    data.writeUInt16LE(1000, frame + 1);
    assert.equal(readImageHeader(data)?.width, 1321);
  });

  it('takes an AVIF for as large as the largest size in it', async () => {
    const data = await picture().avif({ effort: 0 }).toBuffer();
    const small = Buffer.alloc(28);
    small.writeUInt32BE(28, 0);
    small.write('freeispe', 4, 'latin1');
    small.writeUInt32BE(1, 16);
    small.writeUInt32BE(1, 20);
    const begin = data.readUInt32BE(0);
    const decoyed = Buffer.concat([data.subarray(0, begin), small, Buffer.alloc(5000), data.subarray(begin)]);
    assert.deepEqual(readImageHeader(decoyed), { codec: 'avif', width: 321, height: 123 });
  });

  it('reads an image in the middle of a larger buffer', async () => {
    const data = await picture().jpeg().toBuffer();
    const shared = Buffer.concat([Buffer.from('before'), data, Buffer.from('after')]);
    const view = new Uint8Array(shared.buffer, shared.byteOffset + 6, data.length);
    assert.equal(readImageHeader(view)?.width, 321);
  });

  it('takes text, nothing and a JPEG without a picture for no image', () => {
    assert.equal(readImageHeader(Buffer.from('{"json": true}')), undefined);
    assert.equal(readImageHeader(Buffer.alloc(0)), undefined);
    assert.equal(readImageHeader(Buffer.from([0xff, 0xd8, 0xff, 0xd9])), undefined);
  });

  it('does not throw on garbage behind a true signature', () => {
    const signatures = [
      'ffd8ffe0',
      '89504e470d0a1a0a0000000d49484452',
      '474946383961',
      '52494646000000005745425056503858',
    ];
    for (let round = 0; round < 500; round += 1) {
      for (const signature of signatures)
        readImageHeader(Buffer.concat([Buffer.from(signature, 'hex'), garbage(round)]));
    }
  });
});
