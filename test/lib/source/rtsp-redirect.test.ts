import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { RtspRedirect } from '../../../lib/source/rtsp-redirect';

describe('RtspRedirect', () => {
  const secret = 'rtsp://me:s3cret@camera.example:8554/live/1?channel=2&key=s3cret';
  let redirect: RtspRedirect;
  let address: URL;

  beforeEach(async function () {
    // Only Linux tells who asks.
    if (process.platform !== 'linux') this.skip();
    redirect = new RtspRedirect(secret);
    address = new URL((await redirect.listen()).replace('rtsp:', 'http:'));
  });
  afterEach(() => redirect?.close());

  const request = 'OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 7\r\n\r\n';

  it('shows of a URL what is no secret', () => {
    assert.equal(address.pathname + address.search, '/live/1?channel=2&%E2%80%A6');
  });

  it('sends a program of this user on to the camera, also where its request comes in pieces', async () => {
    const [whole, pieces] = [connect(Number(address.port), '127.0.0.1'), connect(Number(address.port), '127.0.0.1')];
    pieces.write(request.slice(0, 20));
    await once(pieces, 'ready');
    whole.write(request);
    const answer = `RTSP/1.0 302 Found\r\nCSeq: 7\r\nLocation: ${secret}\r\n\r\n`;
    assert.equal(await text(whole), answer);
    pieces.write(request.slice(20));
    assert.equal(await text(pieces), answer);
  });

  it('tells a program of another user nothing', async function () {
    // Only root can start one.
    if (process.getuid?.() !== 0) this.skip();
    const ask = `require('net').connect(${address.port}, '127.0.0.1').on('error', () => {}).setEncoding('latin1').on('data', (answer) => process.stdout.write(answer)).write(${JSON.stringify(request)})`;
    const other = { uid: 65_534, gid: 65_534, cwd: '/' };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', ask], other);
    assert.equal(stdout, 'RTSP/1.0 403 Forbidden\r\n\r\n');
  });
});
