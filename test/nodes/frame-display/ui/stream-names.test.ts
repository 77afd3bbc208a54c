import assert from 'node:assert/strict';
import { streamNames } from '../../../../nodes/frame-display/ui/stream-names';

/** What is to tell, and for each stream what it is called. */
const sets: [what: string, names: Record<string, string>][] = [
  ['one file by its name', { '/videos/clip.mp4': 'clip.mp4' }],
  ['files by their names', { '/videos/a.mp4': 'a.mp4', 'videos/b.mp4': 'b.mp4' }],
  [
    'four cameras of one make by their addresses',
    {
      'rtsp://10.0.0.1/Streaming/Channels/101': '10.0.0.1',
      'rtsp://10.0.0.2/Streaming/Channels/101': '10.0.0.2',
      'rtsp://10.0.0.3/Streaming/Channels/101': '10.0.0.3',
      'rtsp://10.0.0.4/Streaming/Channels/101': '10.0.0.4',
    },
  ],
  [
    'cameras by their host names, whatever port and login',
    { 'rtsp://u@gate.lan:554/live': 'gate.lan', 'rtsp://[fe80::1]:8554/live': '[fe80::1]' },
  ],
  ['cameras on one host by their ports', { 'rtsp://nvr:8554/live': 'nvr:8554', 'rtsp://nvr:8555/live': 'nvr:8555' }],
  [
    'channels of one recorder by their last part',
    { 'rtsp://nvr/Streaming/Channels/101': '101', 'rtsp://nvr/Streaming/Channels/201': '201' },
  ],
  [
    'channels of two recorders by both',
    { 'rtsp://a/ch/1': 'a/1', 'rtsp://a/ch/2': 'a/2', 'rtsp://b/ch/1': 'b/1', 'rtsp://b/ch/2': 'b/2' },
  ],
  [
    'channels by what the query says of them',
    {
      'rtsp://cam/cam/realmonitor?channel=1&subtype=0': 'channel=1',
      'rtsp://cam/cam/realmonitor?channel=2&subtype=0': 'channel=2',
    },
  ],
  [
    'channels of two cameras by host and query',
    {
      'rtsp://a/live?channel=1': 'a channel=1',
      'rtsp://a/live?channel=2': 'a channel=2',
      'rtsp://b/live?channel=1': 'b channel=1',
    },
  ],
  ['cameras of one server by their folder', { 'rtsp://s/gate/live': 'gate/live', 'rtsp://s/yard/live': 'yard/live' }],
  ['files by their folder', { '/videos/a/clip.mp4': 'a/clip.mp4', '/videos/b/clip.mp4': 'b/clip.mp4' }],
  ['files by a folder further up', { '/a/2024/05/clip.mp4': 'a/…/clip.mp4', '/b/2024/05/clip.mp4': 'b/…/clip.mp4' }],
  ['files by two folders', { 'a/x/c.mp4': 'a/x/c.mp4', 'a/y/c.mp4': 'a/y/c.mp4', 'b/x/c.mp4': 'b/x/c.mp4' }],
  ['a file by its folder, and one without any by its name', { 'clip.mp4': 'clip.mp4', 'old/clip.mp4': 'old/clip.mp4' }],
  ['files on Windows by their folder', { 'C:\\cams\\a\\v.mp4': 'a/v.mp4', 'C:\\cams\\b\\v.mp4': 'b/v.mp4' }],
  ['devices by their names', { 'v4l2:/dev/video0': 'video0', 'v4l2:/dev/video2': 'video2' }],
  ['a test source by all of it', { 'lavfi:testsrc=rate=30000/1001': 'testsrc=rate=30000/1001' }],
  ['names given by people as they are', { 'Front door': 'Front door', Küche: 'Küche' }],
  ['a file on the web by its readable name', { 'https://example.org/My%20clip.mp4?t=1': 'My clip.mp4' }],
  ['a web address that is not encoded as it is', { 'https://example.org/100%.mp4': '100%.mp4' }],
  ['an address without a path by its host', { 'http://cam.lan:8080': 'cam.lan', 'udp://239.0.0.1:1234': '239.0.0.1' }],
  ['a file and a URL that end alike', { '/a/clip.mp4': 'clip.mp4', 'http://web/clip.mp4': 'web' }],
  ['what differs in nothing shorter by all of it', { 'http://a/v': 'http://a/v', 'https://a/v': 'https://a/v' }],
  ['a name that another is made of by all of them', { '10.0.0.1': '10.0.0.1', 'rtsp://10.0.0.1/1': '1' }],
  ['no name at all', { '': '' }],
];

describe('streamNames', () => {
  for (const [what, names] of sets) {
    it(`calls ${what}`, () => assert.deepEqual(Object.fromEntries(streamNames(Object.keys(names))), names));
  }

  it('calls no two alike, and each the same whatever the order', () => {
    const hosts = ['10.0.0.1', '10.0.0.2', 'nvr:8554', 'nvr:8555'];
    const paths = ['/101', '/Channels/101', '/Channels/102', '/101?x=1', '/101?x=2', '', '/a/b/c/d/101'];
    const streams = hosts.flatMap((host) => paths.map((path) => `rtsp://${host}${path}`));
    streams.push(...hosts, 'a/101', 'b\\101', '101', '/a/101/', 'nvr');
    const names = streamNames(streams);
    assert.equal(new Set(names.values()).size, streams.length);
    assert.ok([...names.values()].every((name) => name !== ''));
    const reversed = streamNames([...streams].reverse());
    for (const stream of streams) assert.equal(reversed.get(stream), names.get(stream));
  });
});
