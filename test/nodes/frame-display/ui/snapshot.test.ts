import assert from 'node:assert/strict';
import { snapshotName } from '../../../../nodes/frame-display/ui/snapshot';

describe('snapshotName', () => {
  const time = new Date(2026, 0, 5, 7, 8, 9, 40).getTime();

  for (const [name, stem] of [
    ['10.0.0.1', '10.0.0.1'],
    ['Küche', 'Küche'],
    ['a/…/clip one.mp4', 'a_clip_one.mp4'],
    ['cam?channel=1&x:"<|>*', 'cam_channel_1_x'],
    ['../../etc', 'etc'],
    ['nvr:8554', 'nvr_8554'],
    ['line\nend\u0000', 'line_end'],
    ['', 'video'],
    ['...', 'video'],
    ['n'.repeat(500), 'n'.repeat(80)],
  ] as const) {
    it(`says stream and time of ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.equal(snapshotName(name, { time, codec: 'jpeg' }), `${stem}_2026-01-05_07-08-09-040.jpeg`);
    });
  }
});
