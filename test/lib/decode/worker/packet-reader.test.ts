import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { PacketReader } from '../../../../lib/decode/worker/packet-reader';

const header = '#tb 0: 1/25\n#dimensions 0: 8x8\n';

function openReader() {
  const index = new PassThrough();
  const images = new PassThrough();
  return { index, images, reader: new PacketReader(index, images) };
}

describe('PacketReader', () => {
  it('reads each image by the size its entry tells', async () => {
    const { index, images, reader } = openReader();
    index.end(`${header}0, 0, 0, 1, 3, 0x0\n0, 1, 1, 1, 2, 0x0\n`);
    images.end('abcde');
    const contents: string[] = [];
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      contents.push(Buffer.from((await reader.read(entry)) as ArrayBuffer).toString());
    }
    assert.deepEqual(contents, ['abc', 'de']);
  });

  it('leaves images in the pipe until they are asked for', async () => {
    const { index, images, reader } = openReader();
    index.write(`${header}0, 0, 0, 1, 100000, 0x0\n`);
    images.write(Buffer.alloc(100_000));
    const entry = await reader.next();
    assert.ok(entry);
    assert.equal(images.readableFlowing, false);
    assert.equal((await reader.read(entry))?.byteLength, 100_000);
    assert.equal(images.readableFlowing, false);
  });

  it('gives no image when ffmpeg went in the middle of it', async () => {
    const { index, images, reader } = openReader();
    index.end(`${header}0, 0, 0, 1, 3, 0x0\n`);
    images.end('ab');
    const entry = await reader.next();
    assert.ok(entry);
    assert.equal(await reader.read(entry), undefined);
    assert.equal(await reader.next(), undefined);
  });

  it('ends when its streams are destroyed', async () => {
    const { index, images, reader } = openReader();
    const next = reader.next();
    index.destroy();
    images.destroy();
    assert.equal(await next, undefined);
  });

  it('throws when the index is none', async () => {
    const { index, reader } = openReader();
    index.write('no such muxer\n');
    await assert.rejects(reader.next(), SyntaxError);
  });
});
