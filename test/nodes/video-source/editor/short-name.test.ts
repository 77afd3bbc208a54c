import assert from 'node:assert/strict';
import { shortName } from '../../../../nodes/video-source/editor/short-name';

describe("a source's short name", () => {
  const nameOf = (source: unknown, sourceType = 'str') => shortName({ source, sourceType });

  it('is the stream ID that it was given', () => {
    assert.equal(shortName({ source: 'camera.local/stream1', sourceType: 'camera', stream: 'gate' }), 'gate');
  });

  it('is the last segment of its path', () => {
    assert.equal(nameOf('/srv/videos/clip.mp4'), 'clip.mp4');
    assert.equal(nameOf('C:\\videos\\clip.mp4'), 'clip.mp4');
    assert.equal(nameOf('clip.mp4'), 'clip.mp4');
  });

  it('omits the login and query of a URL', () => {
    assert.equal(nameOf('rtsp://user:secret@camera.local/stream1'), 'stream1');
    assert.equal(nameOf('rtsp://user:secret@camera.local'), 'camera.local');
    assert.equal(nameOf('https://example.org/live.m3u8?token=secret#a'), 'live.m3u8');
  });

  it('is empty if the source depends on a message', () => {
    assert.equal(nameOf('payload', 'msg'), '');
    assert.equal(nameOf(undefined), '');
  });
});
