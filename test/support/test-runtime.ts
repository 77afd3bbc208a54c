import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import sharp from 'sharp';
import { root, runningFfmpegs } from './media';

/** Runs node-red-node-test-helper's runtime around the tests of a `describe`. After each of them no ffmpeg may be left. */
export function withTestRuntime(): void {
  before(async () => {
    helper.init(require.resolve('node-red'), { userDir: root } as never);
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(async () => {
    await helper.unload();
    assert.deepEqual(await runningFfmpegs(), []);
  });
}

/** A picture for a camera to send, 64x48. */
export function cameraJpeg(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
}
