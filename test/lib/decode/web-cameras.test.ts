import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { freePort } from '../../../demo/ports';
import { Decoder } from '../../../lib/decode/worker/decoder';
import type { DecoderReport } from '../../../lib/decode/worker/messages';
import { findCapableFfmpeg } from '../../../lib/ffmpeg/capabilities';
import { parseOptions } from '../../../lib/ffmpeg/options';
import type { Frame } from '../../../lib/frame/frame';
import { resolveSource } from '../../../lib/source/resolve';
import { FakeClock } from '../../support/fake-clock';
import { Inputs } from '../../support/inputs';
import { LoginCheck, type LoginScheme } from '../../support/login';
import { Player } from '../../support/player';
import { sendCamera } from '../../support/web-server';

describe('cameras on the web', () => {
  const inputs = new Inputs('web-cameras');

  it('are waited for while they are off', async () => {
    const player = new Player(inputs.pool);
    const port = await freePort();
    await player.start(`http://127.0.0.1:${port}/mjpg/video.mjpg`, { live: true });
    assert.match(player.failures[0]?.message ?? '', /Connection refused.*Retrying until it is stopped/);
    assert.equal(player.source.state, 'reconnecting');
    await inputs.serve((_request, response) => {
      sendCamera(response, inputs.jpegs);
    }, port);
    await player.frameCount(3);
    await player.source.stop();
    assert.equal(player.failures.length, 1);
  });

  it('are waited for while they answer with something else, as when they start', async () => {
    const player = new Player(inputs.pool);
    const { url } = await inputs.serve((_request, response) => {
      if (player.failures.length > 0) sendCamera(response, inputs.jpegs);
      else response.setHeader('content-type', 'text/html').end('<html>Starting...</html>');
    });
    await player.start(`${url}/mjpg/video.mjpg`, { live: true });
    await player.frameCount(3);
    await player.source.stop();
    assert.deepEqual([player.failures.length, player.failures[0]?.code], [1, 'SOURCE_UNREADABLE']);
  });

  const heads: Record<string, (bytes: number) => string> = {
    'another type': (bytes) => `--frame\r\nContent-Type: image/jpg\r\nContent-Length: ${bytes}\r\n\r\n`,
    'no type': (bytes) => `--frame\r\nContent-Length: ${bytes}\r\n\r\n`,
    'no type and no length': () => '--frame\r\n\r\n',
    'a boundary without its dashes': (bytes) => `frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`,
  };
  for (const [what, head] of Object.entries(heads)) {
    it(`are read as browsers do where their pictures have ${what}, with the times they came`, async () => {
      const { url } = await inputs.serve((_request, response) => {
        sendCamera(response, inputs.jpegs, 100, head);
      });
      const player = new Player(inputs.pool);
      await player.start(`${url}/video`, { live: true });
      await player.frameCount(8);
      await player.source.stop();
      assert.deepEqual(player.failures, []);
      const [first, last] = [player.frames[0]?.frame, player.frames[7]?.frame] as Frame[] as [Frame, Frame];
      // ffmpeg by itself would say 40 ms.
      assert.ok(last.pts - first.pts > 7 * 60, `${last.pts - first.pts} ms`);
      assert.ok(last.live);
    });
  }
});

describe('pictures on the web', () => {
  const inputs = new Inputs('web-pictures');
  const framesOf = (player: Player): Frame[] => player.frames.map(({ frame }) => frame);
  const sendPicture = (response: ServerResponse, jpeg = inputs.jpegs[0] as Buffer) =>
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);

  it('are asked for again and again, in one session, each with the time it came, also when it is the same', async () => {
    const { url, requests } = await inputs.serve((_request, response) => sendPicture(response));
    const player = new Player(inputs.pool);
    await player.start(`${url}/snap.jpg`, { every: 0.2 });
    await player.frameCount(4);
    await player.source.stop();
    const frames = framesOf(player);
    const [first] = frames as [Frame];
    for (const [index, { seq, session, pts, time, live, last, width }] of frames.entries()) {
      assert.deepEqual([seq, session, live, last, width], [index, first.session, true, undefined, 64]);
      assert.equal(pts, time - first.time);
    }
    assert.ok(player.frames.every(({ data }) => data.equals(inputs.jpegs[0] as Buffer)));
    assert.ok(Math.abs(requests.length - frames.length) <= 1);
    assert.deepEqual(player.failures, []);
    assert.equal(player.events.filter(({ event }) => event === 'opened').length, 1);
    assert.equal((await player.event('opened')).duration, undefined);
  });

  it('are made smaller where that is asked for, and may be no JPEGs', async () => {
    const png = await sharp(inputs.jpegs[0]).png().toBuffer();
    const { url } = await inputs.serve((_request, response) => response.end(png));
    const player = new Player(inputs.pool);
    await player.start(`${url}/snapshot`, { every: 0.2, width: 32 });
    await player.frameCount(2);
    await player.source.stop();
    const { format, width, height } = await sharp(player.frames[1]?.data).metadata();
    assert.deepEqual([format, width, height], ['jpeg', 32, 24]);
    const [one, other] = framesOf(player) as [Frame, Frame];
    assert.ok(Math.abs(other.pts - one.pts - (other.time - one.time)) < 1);
  });

  it('come one at a time from a camera that would send them without end', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/mjpg/video.mjpg`, { every: 0.3 });
    await player.frameCount(3);
    await player.source.stop();
    assert.ok(Math.abs(requests.length - player.frames.length) <= 1);
  });

  it('come again after one that failed, by and by', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      if (requests.length === 2) response.writeHead(503).end();
      else sendPicture(response);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/snap.jpg`, { every: 0.2 });
    const { attempt, delay, message } = await player.event('reconnecting');
    assert.deepEqual([attempt, delay, player.source.state], [1, 1000, 'reconnecting']);
    assert.match(message, /503|5XX/);
    await player.event('reconnected');
    assert.equal(player.source.state, 'playing');
    await player.frameCount(3);
    await player.source.stop();
    assert.deepEqual(player.failures, []);
    assert.equal(new Set(framesOf(player).map(({ session }) => session)).size, 1);
  });

  it('are asked for again after an answer that has none in it, of which ffmpeg does not complain', async () => {
    const path = join(inputs.folder, 'picture.mkv');
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48', '-frames:v', '1', '-pix_fmt', 'yuv420p'];
    await promisify(execFile)(inputs.ffmpeg, ['-v', 'error', '-y', ...picture, '-c:v', 'rawvideo', path]);
    const whole = await readFile(path);
    const header = whole.subarray(0, whole.indexOf(Buffer.from('1f43b675', 'hex')));
    // A cluster with nothing in it but its time.
    const empty = Buffer.concat([header, Buffer.from('1f43b67583e78100', 'hex')]);
    let isThere = true;
    const { url } = await inputs.serve((_request, response) => response.end(isThere ? whole : empty));
    const player = new Player(inputs.pool);
    await player.start(`${url}/snapshot`, { every: 0.1 });
    await player.frameCount(1);
    isThere = false;
    const { code, message } = await player.event('reconnecting');
    isThere = true;
    await player.event('reconnected');
    await player.source.stop();
    assert.equal(code, 'SOURCE_NO_VIDEO');
    assert.match(message, /snapshot has no frames/);
  });

  for (const scheme of ['basic', 'digest'] satisfies LoginScheme[]) {
    it(`come from a camera that asks for a login (${scheme})`, async () => {
      const check = new LoginCheck('admin', 's3cret', scheme);
      const { port } = await inputs.serve((request, response) => {
        if (check.admits(request.headers.authorization, request.method ?? '')) sendPicture(response);
        else response.writeHead(401, { 'www-authenticate': check.challenge }).end();
      });
      const player = new Player(inputs.pool);
      await player.start(`http://admin:s3cret@127.0.0.1:${port}/snap.jpg`, { every: 0.1 });
      await player.frameCount(2);
      await player.source.stop();
      assert.deepEqual(player.failures, []);
    });
  }

  it('are not asked for from a host that is not on the list, to which they lead', async () => {
    const elsewhere = await inputs.serve((_request, response) => sendPicture(response));
    const { url, requests } = await inputs.serve((_request, response) => {
      if (requests.length === 1) sendPicture(response);
      else response.writeHead(302, { location: elsewhere.url.replace('127.0.0.1', 'localhost') }).end();
    });
    const player = new Player(inputs.pool, { allowedHosts: ['127.0.0.1'] });
    await player.start(`${url}/snap.jpg`, { every: 0.1 });
    const { code } = await player.event('reconnecting');
    await player.source.stop();
    assert.deepEqual([code, elsewhere.requests], ['SOURCE_REFUSED', []]);
  });

  it('are for the web only', async () => {
    await assert.rejects(inputs.play(inputs.clip, { every: 1 }), {
      code: 'BAD_OPTION',
      message: /^every is for the URL/,
    });
  });

  it('are asked for at even times, however long each takes, and never while one is on its way', async () => {
    const clock = new FakeClock();
    const { url } = await inputs.serve((_request, response) => {
      // The first picture takes 2 s, the next one 7 s.
      clock.advance(asked.length === 1 ? 2000 : 7000);
      sendPicture(response);
    });
    /** When each was asked for. */
    const asked: number[] = [];
    let isOnItsWay = false;
    const report = ({ type }: DecoderReport) => {
      if (type === 'spawned') asked.push(clock.now());
      if (type === 'spawned' || type === 'gone') isOnItsWay = type === 'spawned';
    };
    const source = await resolveSource(`${url}/snap.jpg`, { folders: [], trusted: true, live: true });
    const ids = { stream: 'camera', session: 'session', limits: { maxFrames: 30, maxBytes: 64e6 } };
    const request = { ...(await findCapableFfmpeg({})), source, options: parseOptions({ every: 5 }), ...ids };
    const decoder = new Decoder(request, { report, clock });
    const running = decoder.run();
    while (asked.length < 3) {
      if (!isOnItsWay) clock.advance(1);
      await setImmediate();
    }
    decoder.stop();
    assert.equal(await running, 'stopped');
    const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = asked;
    assert.equal(second - first, 5000);
    assert.ok(third - second >= 7000);
  });

  it('are asked for until the end that is set', async () => {
    const { url } = await inputs.serve((_request, response) => sendPicture(response));
    const player = await inputs.play(`${url}/snap.jpg`, { every: 0.2, end: 0.5 });
    assert.equal(player.frames.length, 3);
  });
});
