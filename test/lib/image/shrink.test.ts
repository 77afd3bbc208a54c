import assert from 'node:assert/strict';
import sharp from 'sharp';
import { shrink } from '../../../lib/image/shrink';
import { WorkerPool } from '../../../lib/pool/worker-pool';

/** A picture that compresses badly. */
function noise(width: number, height: number) {
  return sharp({
    create: { width, height, channels: 3, background: 'black', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
}

describe('shrink', () => {
  let pool: WorkerPool;
  before(() => {
    pool = new WorkerPool({ maxThreads: 1, onError: () => {} });
  });
  after(() => pool.close());

  it('lowers the quality first', async () => {
    const image = await noise(320, 240).jpeg({ quality: 100 }).toBuffer();
    const shrunk = await shrink(pool, image, Math.round(image.length / 2));
    assert.ok(shrunk.data.length <= image.length / 2);
    assert.deepEqual([shrunk.width, shrunk.height, shrunk.codec], [320, 240, 'jpeg']);
    assert.ok(shrunk.quality < 100);
  });

  it('then the size, keeping the aspect', async () => {
    const image = await noise(320, 240).jpeg({ quality: 100 }).toBuffer();
    const shrunk = await shrink(pool, image, 5000);
    const { width, height, format } = await sharp(shrunk.data).metadata();
    assert.deepEqual([shrunk.width, shrunk.height, shrunk.codec], [width, height, format]);
    assert.ok(shrunk.data.length <= 5000);
    assert.ok(width < 320 && Math.abs(width / height - 4 / 3) < 0.05);
  });

  it('makes a JPEG of other images, transparent ones too', async () => {
    const image = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    const { data } = await shrink(pool, image, 10_000);
    assert.equal((await sharp(data).metadata()).format, 'jpeg');
  });

  it('leaves the image it is given alone', async () => {
    const image = await noise(64, 64).jpeg().toBuffer();
    const copy = Buffer.from(image);
    await shrink(pool, image, 1000);
    assert.deepEqual(image, copy);
  });

  it('refuses what is no image', () =>
    assert.rejects(shrink(pool, Buffer.from('no image'), 1000), {
      code: 'NOT_A_FRAME',
      message: /Image of 8 bytes cannot be read \(.*\): send a whole JPEG/,
    }));

  it('refuses a limit nothing fits in', async () => {
    const image = await noise(64, 64).jpeg().toBuffer();
    await assert.rejects(shrink(pool, image, 50), {
      code: 'RECORD_TOO_LARGE',
      message: /cannot be made to fit 50 bytes: raise the largest record size/,
    });
  });

  it('refuses an image of more pixels than memory is meant for, however small its file is', async () => {
    const image = await sharp({ create: { width: 16_000, height: 4001, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
    await assert.rejects(shrink(pool, image, 100_000), { code: 'NOT_A_FRAME', message: /pixel limit/ });
  });

  it('decodes two images at a time, and each in the end', async () => {
    const image = await noise(320, 240).jpeg({ quality: 100 }).toBuffer();
    let running = 0;
    let most = 0;
    const counting = {
      async run(...args: Parameters<WorkerPool['run']>) {
        running += 1;
        most = Math.max(most, running);
        try {
          return await pool.run(...args);
        } finally {
          running -= 1;
        }
      },
    } as unknown as WorkerPool;
    const shrunk = await Promise.all(Array.from({ length: 6 }, () => shrink(counting, image, 20_000)));
    assert.equal(most, 2);
    assert.ok(shrunk.every(({ data }) => data.length <= 20_000));
  });
});
