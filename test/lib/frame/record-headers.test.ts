import assert from 'node:assert/strict';
import { type CloudEventV1, Kafka } from 'cloudevents';
import { type Frame, videoCodecs } from '../../../lib/frame/frame';
import { fromRecordHeaders, toRecordHeaders } from '../../../lib/frame/record-headers';

const frame: Frame = {
  stream: '/videos/big buck bunny.mp4',
  session: 'f2a1',
  seq: 7,
  pts: 291.6666,
  duration: 41.708,
  time: Date.UTC(2026, 0, 31, 12, 0, 0, 125),
  width: 640,
  height: 360,
  codec: 'jpeg',
  live: true,
  last: true,
};

describe('record headers', () => {
  it('are read back by the cloudevents package', () => {
    const value = Buffer.from('image');
    const message = { key: frame.stream, value, headers: toRecordHeaders(frame), body: value, timestamp: '' };
    assert.ok(Kafka.isEvent(message));
    const event = Kafka.toEvent(message) as CloudEventV1<Buffer>;
    (event as unknown as { validate(): boolean }).validate();
    assert.equal(event.specversion, '1.0');
    assert.equal(event.type, 'video.frame');
    assert.equal(event.id, 'f2a1/7');
    assert.equal(event.source, '/videos/big%20buck%20bunny.mp4');
    assert.equal(event.time, '2026-01-31T12:00:00.125Z');
    assert.equal(event.datacontenttype, 'image/jpeg');
    assert.deepEqual(
      [event.session, event.sequence, event.pts, event.duration, event.width, event.height, event.live, event.last],
      ['f2a1', '7', '291.6666', '41.708', '640', '360', 'true', 'true'],
    );
    assert.equal(event.data, value);
  });

  it('give the identical frame back', () => {
    assert.deepEqual(fromRecordHeaders(toRecordHeaders(frame)), frame);
  });

  it('leave out what a frame does not have', () => {
    const { duration, live, last, ...rest } = frame;
    const headers = toRecordHeaders(rest);
    assert.ok(!('ce_duration' in headers) && !('ce_live' in headers) && !('ce_last' in headers));
    assert.deepEqual(fromRecordHeaders(headers), rest);
  });

  describe('of compressed video', () => {
    const packet: Frame = { ...frame, codec: 'hevc', key: true, dts: 208.3333, profile: 'hev1.1.6.L93.B0' };

    it('are read back by the cloudevents package', () => {
      const value = Buffer.from('access unit');
      const headers = toRecordHeaders(packet);
      const message = { key: packet.stream, value, headers, body: value, timestamp: '' };
      assert.ok(Kafka.isEvent(message));
      const event = Kafka.toEvent(message) as CloudEventV1<Buffer>;
      (event as unknown as { validate(): boolean }).validate();
      assert.deepEqual(
        [event.type, event.datacontenttype, event.key, event.dts, event.profile, event.pts, event.sequence],
        ['video.frame', 'video/h265', 'true', '208.3333', 'hev1.1.6.L93.B0', '291.6666', '7'],
      );
      assert.equal(event.data, value);
    });

    it('give the identical frame back, for each codec', () => {
      for (const codec of videoCodecs) {
        const written = { ...packet, codec };
        assert.deepEqual(fromRecordHeaders(toRecordHeaders(written)), written);
      }
    });

    it('name HEVC as its media type does', () => {
      assert.equal(toRecordHeaders(packet)['content-type'], 'video/h265');
    });

    it('are read whatever the case and the parameters of the media type', () => {
      assert.equal(fromRecordHeaders({ 'content-type': 'video/H264; packetization-mode=1' }).codec, 'h264');
    });

    it('are left out where a frame does not have them, and a preroll, which is a matter of reading, always', () => {
      const { key, dts, profile, ...rest } = packet;
      const headers = toRecordHeaders({ ...rest, preroll: true });
      assert.deepEqual(
        Object.keys(headers).filter((name) => /key|dts|profile|preroll/.test(name)),
        [],
      );
      assert.deepEqual(fromRecordHeaders(headers), rest);
    });

    it('are not believed of an image', () => {
      const headers = { ...toRecordHeaders(packet), 'content-type': 'image/jpeg' };
      const { key, dts, profile } = fromRecordHeaders(headers);
      assert.deepEqual([key, dts, profile], [undefined, undefined, undefined]);
    });

    it('are left out where they cannot be', () => {
      const headers = { 'content-type': 'video/h264', ce_key: 'yes', ce_dts: '1e99', ce_profile: 'avc1.<script>' };
      assert.deepEqual(fromRecordHeaders(headers), { codec: 'h264' });
    });
  });

  const streams = [
    'plain.mp4',
    '/with space/100%/a%20b.mp4',
    'C:\\videos\\clip #1?.mp4',
    'rtsp://camera/stream?channel=1#x',
    'http://[::1]:8080/a.m3u8',
    '1:2/first segment with colon',
    '日本語/🎬.mov',
    'quotes \' and " and [brackets]',
  ];
  for (const stream of streams) {
    it(`carry the stream ${stream} as a URI reference`, () => {
      const headers = toRecordHeaders({ ...frame, stream });
      assert.match(headers.ce_source ?? '', /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/);
      assert.doesNotThrow(() => new URL(headers.ce_source ?? '', 'http://base/'));
      assert.equal(fromRecordHeaders(headers).stream, stream);
    });
  }

  it('leave out what is malformed and keep the rest', () => {
    const said = fromRecordHeaders({
      ...toRecordHeaders(frame),
      ce_sequence: 'seven',
      ce_pts: '',
      ce_duration: '-3',
      ce_time: 'yesterday',
      ce_width: '0',
      ce_source: '100%',
      ce_live: 'no',
      ce_last: 'no',
      'content-type': 'text/plain',
    });
    assert.deepEqual(said, { stream: '100%', session: 'f2a1', height: 360 });
  });

  it('leaves out what no frame can have: it may be written by anybody', () => {
    const said = fromRecordHeaders({
      ce_duration: '1e30',
      ce_pts: '-1e300',
      ce_sequence: '1e30',
      ce_time: '+999999-01-01T00:00:00Z',
      ce_width: '-5',
      ce_height: '1e30',
      ce_session: 's'.repeat(900_000),
      ce_source: 'c'.repeat(900_000),
    });
    const { session = '', stream = '', ...rest } = said;
    assert.deepEqual([session.length, stream.length], [1024, 1024]);
    assert.deepEqual(rest, {});
  });
});
