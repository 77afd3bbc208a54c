import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Frame } from '../../../lib/frame/frame';
import { type FrameRecord, RecordFrameReader } from '../../../lib/frame/record-frame-reader';
import { toRecordHeaders } from '../../../lib/frame/record-headers';
import { StreamSelector } from '../../../lib/playout/stream-selector';
import { type Placed, placeAfter } from '../../../lib/playout/timeline';
import { makeClip, packetsOf } from '../../support/packets';

describe('RecordFrameReader', () => {
  let record: FrameRecord;

  before(async () => {
    const value = await sharp({ create: { width: 32, height: 18, channels: 3, background: 'blue' } })
      .png()
      .toBuffer();
    record = { topic: 'cams', partition: 2, offset: '41', timestamp: 1000, key: 'door', headers: {}, value };
  });

  it('makes a frame of a record without headers', () => {
    assert.deepEqual(new RecordFrameReader().read(record), {
      stream: 'door',
      session: 'cams/2',
      seq: 41,
      pts: 0,
      duration: 1000,
      time: 1000,
      width: 32,
      height: 18,
      codec: 'png',
    });
  });

  it('names the stream after the topic where there is no key', () => {
    const { key, ...keyless } = record;
    assert.equal(new RecordFrameReader().read(keyless)?.stream, 'cams');
  });

  it('counts presentation time from the first record of the partition', () => {
    const reader = new RecordFrameReader();
    const times = [1000, 1040, 1100].map((timestamp) => reader.read({ ...record, timestamp })?.pts);
    assert.deepEqual(times, [0, 40, 100]);
    assert.equal(reader.read({ ...record, partition: 3, timestamp: 5000 })?.pts, 0);
  });

  it('lets records be shown as far apart as they were sent, also where that varies', () => {
    const reader = new RecordFrameReader();
    const sent = [0, 200, 400, 600, 1500, 1540, 1580, 13_580, 13_620, 70_000, 70_040];
    const positions: number[] = [];
    let placed: Placed | undefined;
    for (const after of sent) {
      const frame = reader.read({ ...record, timestamp: 1000 + after }) as Frame;
      placed = placeAfter(placed, frame, { mode: 'source', interval: 16 });
      positions.push(placed.position);
    }
    assert.deepEqual(positions, sent);
  });

  it('takes records without a key for one video, whichever partitions their producer put them in', () => {
    const reader = new RecordFrameReader();
    const { key, ...keyless } = record;
    const selector = new StreamSelector('');
    const admitted = Array.from({ length: 90 }, (_, index) => {
      const frame = reader.read({ ...keyless, partition: index % 3, timestamp: 1000 + index * 100 }) as Frame;
      assert.equal(frame.pts, index * 100);
      return selector.admit(frame).admitted;
    });
    assert.ok(admitted.every(Boolean));
  });

  it('leaves the pace of records of one and the same time to whoever shows them', () => {
    const reader = new RecordFrameReader();
    const durations = [1000, 1000, 1000].map((timestamp) => reader.read({ ...record, timestamp })?.duration);
    assert.deepEqual(durations, [1000, undefined, undefined]);
  });

  it('believes the image rather than the headers about codec and size', () => {
    const headers = toRecordHeaders({
      stream: 's',
      session: 'r',
      seq: 3,
      pts: 120,
      duration: 40,
      time: 5,
      width: 9,
      height: 9,
      codec: 'jpeg',
      live: true,
      last: true,
    });
    assert.deepEqual(new RecordFrameReader().read({ ...record, headers }), {
      stream: 's',
      session: 'r',
      seq: 3,
      pts: 120,
      duration: 40,
      time: 5,
      width: 32,
      height: 18,
      codec: 'png',
      live: true,
      last: true,
    });
  });

  it('takes a record that is no image for no frame', () => {
    assert.equal(new RecordFrameReader().read({ ...record, value: Buffer.from('hello') }), undefined);
  });

  it('makes frames of compressed video of which nothing is said but its content type', async () => {
    const packets = await packetsOf(await makeClip({ frames: 12 }));
    const reader = new RecordFrameReader();
    const headers = { 'content-type': 'video/h264' };
    const frames = packets.map(({ data: value }, index) =>
      reader.read({ ...record, offset: String(41 + index), timestamp: 1000 + index * 40, headers, value }),
    );
    assert.deepEqual(
      frames.map((frame) => ({ ...frame, profile: undefined })),
      packets.map(({ frame: { key } }, index) => ({
        ...{ stream: 'door', session: 'cams/2', seq: 41 + index, pts: index * 40, time: 1000 + index * 40 },
        ...{ duration: index === 0 ? 1000 : 40, codec: 'h264', width: 64, height: 36, profile: undefined },
        ...(key && { key }),
      })),
    );
    assert.match(frames[0]?.profile ?? '', /^avc1\.[\da-f]{6}$/i);
  });

  it('takes all that is said of compressed video from the headers, but not what the packet says itself', async () => {
    const packets = await packetsOf(await makeClip({ bFrames: 2 }));
    const reader = new RecordFrameReader();
    const read = packets.map(({ frame, data: value }) =>
      reader.read({ ...record, headers: { ...toRecordHeaders({ ...frame, width: 9, height: 9 }) }, value }),
    );
    assert.deepEqual(
      read.map((frame) => ({ ...frame, profile: undefined })),
      packets.map(({ frame }) => ({ ...frame, profile: undefined })),
    );
  });

  it('leaves the size open where no key frame was read and nobody says it', async () => {
    const [, next] = await packetsOf(await makeClip());
    const headers = { 'content-type': 'video/h264' };
    const frame = new RecordFrameReader().read({ ...record, headers, value: next?.data as Buffer });
    assert.deepEqual([frame?.width, frame?.height, frame?.key], [0, 0, undefined]);
  });

  it('takes a record that is not the compressed video it is said to be for no frame', () => {
    const headers = { 'content-type': 'video/h264' };
    assert.equal(new RecordFrameReader().read({ ...record, headers }), undefined);
  });
});
