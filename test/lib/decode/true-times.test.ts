import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { Frame } from '../../../lib/frame/frame';
import { Inputs } from '../../support/inputs';
import { Player } from '../../support/player';
import { sendCamera, serveFolder } from '../../support/web-server';

const run = promisify(execFile);

describe('the time of frames', () => {
  const inputs = new Inputs('true-times');
  const framesOf = ({ frames }: Player): Frame[] => frames.map(({ frame }) => frame);
  const stepsOf = (frames: Frame[]) => frames.slice(1).map(({ pts }, index) => pts - (frames[index] as Frame).pts);

  /** Makes a clip of 10 frames, 40 ms each, and answers with its path. */
  async function clip(name: string, ...options: string[]): Promise<string> {
    const path = join(inputs.folder, name);
    const picture = ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25:duration=0.4'];
    await run(inputs.ffmpeg, [...picture, '-c:v', 'mpeg2video', '-q:v', '2', '-g', '5', ...options, path]);
    return path;
  }

  for (const { name, options } of [
    { name: 'passed on as they are', options: {} },
    { name: 'made smaller', options: { width: 32 } },
  ]) {
    it(`is that of their arrival where a camera sends bare JPEGs, ${name}`, async () => {
      const { url } = await inputs.serve((_request, response) => {
        sendCamera(response, inputs.jpegs, 200);
      });
      const player = new Player(inputs.pool);
      await player.start(`${url}/camera`, options);
      await player.frameCount(8);
      await player.source.stop();
      // The first ones were looked into together.
      const frames = framesOf(player).slice(4, 8);
      for (const [index, step] of stepsOf(frames).entries()) {
        const between = (frames[index + 1] as Frame).time - (frames[index] as Frame).time;
        assert.ok(Math.abs(step - between) < 40, `${step} ms of ${between}`);
      }
      assert.ok(stepsOf(frames).every((step) => step > 100));
    });
  }

  it('grows evenly where bare JPEGs are resampled: as many a second as asked for', async () => {
    const { url } = await inputs.serve((_request, response) => {
      sendCamera(response, inputs.jpegs, 100);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`, { fps: 20 });
    await player.frameCount(25);
    await player.source.stop();
    const frames = framesOf(player);
    assert.deepEqual(new Set(stepsOf(frames)), new Set([50]));
    // Twice as many as the camera sent meanwhile, and not what ffmpeg would make of the 25 it invents.
    const [, before, last] = [frames[0], frames[4], frames[24]] as [Frame, Frame, Frame];
    assert.ok(Math.abs(last.time - before.time - (last.pts - before.pts)) < 300);
  });

  it('grows on where the clock of a file starts anew, and all frames come', async () => {
    const part = await readFile(await clip('part.ts'));
    const both = join(inputs.folder, 'both.ts');
    await writeFile(both, Buffer.concat([part, part]));
    const frames = framesOf(await inputs.play(both));
    assert.equal(frames.length, 20);
    assert.deepEqual(new Set(stepsOf(frames)), new Set([40]));
    assert.equal(frames.at(-1)?.last, true);
  });

  it('grows on where the clock of a file jumps ahead by an hour', async () => {
    const part = await readFile(await clip('part.ts'));
    const later = await readFile(await clip('later.ts', '-output_ts_offset', '3600'));
    const both = join(inputs.folder, 'ahead.ts');
    await writeFile(both, Buffer.concat([part, later]));
    const frames = framesOf(await inputs.play(both));
    assert.equal(frames.length, 20);
    assert.deepEqual(new Set(stepsOf(frames)), new Set([40]));
  });

  it('grows where all frames of a file have the same', async () => {
    const path = join(inputs.folder, 'same.mkv');
    const from = ['-v', 'error', '-y', '-i', await clip('part.ts')];
    await run(inputs.ffmpeg, [...from, '-vf', 'setpts=0', '-vsync', 'passthrough', '-c:v', 'ffv1', path]);
    const frames = framesOf(await inputs.play(path));
    assert.equal(frames.length, 10);
    assert.ok(stepsOf(frames).every((step) => step > 0));
  });

  it('is right again where a frame had the time of the one before', async () => {
    const path = join(inputs.folder, 'twice.mkv');
    const from = ['-v', 'error', '-y', '-i', await clip('part.ts')];
    const twice = "setpts='(N-eq(mod(N,3),1))*0.04/TB'";
    await run(inputs.ffmpeg, [...from, '-vf', twice, '-vsync', 'passthrough', '-c:v', 'ffv1', path]);
    const frames = framesOf(await inputs.play(path));
    assert.deepEqual(
      frames.map(({ pts }) => pts),
      Array.from({ length: 10 }, (_, index) => index * 40),
    );
  });

  it('goes through the discontinuities of an HLS recording', async () => {
    await clip('first.ts');
    const parts = Array.from({ length: 4 }, () => '#EXT-X-DISCONTINUITY\n#EXTINF:0.4,\nfirst.ts\n');
    const list = ['#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n', ...parts, '#EXT-X-ENDLIST\n'];
    await writeFile(join(inputs.folder, 'list.m3u8'), list.join(''));
    const { url } = await inputs.serve(serveFolder(inputs.folder));
    const frames = framesOf(await inputs.play(`${url}/list.m3u8`));
    assert.equal(frames.length, 40);
    assert.deepEqual(new Set(stepsOf(frames)), new Set([40]));
  });

  it('counts an interruption once, however often the source is asked for', async () => {
    let isAway = false;
    const { url } = await inputs.serve((_request, response) => {
      if (isAway) response.destroy();
      else setTimeout(() => response.destroy(), 1200);
      if (!isAway) sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`);
    await player.frameCount(3);
    isAway = true;
    const attempts = () => player.events.filter(({ event }) => event === 'reconnecting').length;
    while (attempts() < 2) await player.nextEvent();
    isAway = false;
    const before = player.frames.length;
    await player.frameCount(before + 1);
    await player.source.stop();
    const [last, next] = framesOf(player).slice(before - 1) as [Frame, Frame];
    assert.ok(Math.abs(next.pts - last.pts - (next.time - last.time)) < 50);
  });

  it('is when a live frame came in, also while the flow holds the source', async () => {
    const picture = ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=25'];
    const { url } = await inputs.serve((_request, response) => {
      const camera = spawn(inputs.ffmpeg, [...picture, '-c:v', 'mpeg2video', '-g', '5', '-f', 'mpegts', 'pipe:1']);
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      camera.stdout.pipe(response);
      response.on('close', () => camera.kill('SIGKILL'));
    });
    const held = new Player(inputs.pool, { maxFrames: 5 });
    const witness = new Player(inputs.pool);
    // Images so large that only a few of them wait between ffmpeg and its reader.
    await Promise.all([held.start(`${url}/live.ts`, { quality: 100 }), witness.start(`${url}/live.ts`)]);
    // Into the first second ffmpeg looks as a whole.
    await held.frameCount(25);
    held.hold();
    await witness.frameCount(witness.frames.length + 30);
    held.finishAll();
    await held.frameCount(75);
    await Promise.all([held.source.stop(), witness.source.stop()]);
    const [first, ...frames] = framesOf(held).slice(24) as [Frame, ...Frame[]];
    for (const { seq, pts, time } of frames) {
      const late = time - first.time - (pts - first.pts);
      assert.ok(Math.abs(late) < 200, `frame ${seq} is told to have come ${late} ms late`);
    }
  });

  it('does not make a stall of few frames a second', async () => {
    const { url } = await inputs.serve((_request, response) => {
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`, { fps: 1, stallTimeout: 0.5 });
    await player.frameCount(3);
    await player.source.stop();
    assert.deepEqual(
      player.events.filter(({ event }) => event === 'reconnecting'),
      [],
    );
  });

  it('is complete where the server of a recording hangs up', async () => {
    const file = await readFile(await clip('long.ts', '-t', '0.4'));
    let hangUps = 0;
    const { url } = await inputs.serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const rest = file.subarray(from);
      response.writeHead(from === 0 ? 200 : 206, {
        'accept-ranges': 'bytes',
        'content-length': rest.length,
        ...(from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
      });
      const isFirst = from === 0;
      if (isFirst) hangUps += 1;
      if (!isFirst) response.end(rest);
      else response.write(rest.subarray(0, Math.floor(file.length / 2)), () => response.destroy());
    });
    const frames = framesOf(await inputs.play(`${url}/long.ts`));
    assert.ok(hangUps > 0);
    assert.equal(frames.length, 10);
    assert.equal(frames.at(-1)?.last, true);
  });

  it('has no last where the server of a recording hangs up for good, which is warned of', async () => {
    const file = await readFile(await clip('cut.mkv', '-vf', 'setpts=20*PTS'));
    const { url } = await inputs.serve((_request, response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, Math.floor(file.length / 2)), () => response.destroy());
    });
    const player = await inputs.play(`${url}/cut.mkv`);
    assert.ok(player.frames.length > 0 && player.frames.length < 10);
    assert.ok(player.frames.every(({ frame }) => frame.last === undefined));
    assert.match((await player.event('warning')).message, /damaged or incomplete/);
  });

  it('ends when a live HLS comes back as a recording, which is not played again', async () => {
    await clip('segment.ts');
    const parts = Array.from({ length: 3 }, () => '#EXT-X-DISCONTINUITY\n#EXTINF:0.4,\nsegment.ts\n').join('');
    const serve = serveFolder(inputs.folder);
    let state: 'live' | 'away' | 'over' = 'live';
    let asked = 0;
    const { url } = await inputs.serve((request, response) => {
      if (!request.url?.endsWith('.m3u8')) return serve(request, response);
      asked += 1;
      const list = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:1\n${parts}`;
      if (asked > 3 && state === 'live') state = 'away';
      if (state === 'away') response.writeHead(500).end();
      else response.end(state === 'over' ? `${list}#EXT-X-ENDLIST\n` : list);
      return undefined;
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/live.m3u8`, { stallTimeout: 3 });
    await player.event('reconnecting');
    state = 'over';
    const { reason } = await player.event('ended');
    assert.equal(reason, 'end of source');
    assert.equal(player.frames.length, 30);
  });
});

describe('the size of pictures', () => {
  const inputs = new Inputs('picture-sizes');

  async function make(name: string, size: string, ...options: string[]): Promise<string> {
    const path = join(inputs.folder, name);
    const picture = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25:duration=0.2`];
    await run(inputs.ffmpeg, [...picture, ...options, '-c:v', 'mpeg4', '-q:v', '2', path]);
    return path;
  }

  it('stays that of the first one when it changes, without squeezing what follows', async () => {
    const parts = [await make('wide.ts', '128x72'), await make('high.ts', '72x128')];
    const both = join(inputs.folder, 'turned.ts');
    await writeFile(both, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))));
    const { frames } = await inputs.play(both);
    assert.equal(frames.length, 10);
    for (const { data, frame } of frames) {
      const { width, height } = await sharp(data).metadata();
      assert.deepEqual([width, height, frame.width, frame.height], [128, 72, 128, 72]);
    }
    // The high one stands in the middle: 72 pixels high, it is 40 wide.
    const { data, info } = await sharp(frames[9]?.data).raw().toBuffer({ resolveWithObject: true });
    const brightness = (x: number) => data[(36 * info.width + x) * info.channels + 1] as number;
    assert.ok(brightness(20) < 20 && brightness(107) < 20, 'black at both sides');
    assert.ok(brightness(50) > 60 || brightness(64) > 60, 'the picture in the middle');
  });

  it('is that of each JPEG that is passed on as it is', async () => {
    const [jpeg] = inputs.jpegs;
    const small = await sharp(jpeg).resize(32, 24).jpeg().toBuffer();
    const { url } = await inputs.serve((_request, response) => {
      sendCamera(response, [...Array<Buffer>(40).fill(jpeg as Buffer), ...Array<Buffer>(40).fill(small)]);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`);
    while (player.frames.at(-1)?.frame.width !== 32) await player.frameCount(player.frames.length + 1);
    await player.source.stop();
    for (const { data, frame } of player.frames) {
      const { width, height } = await sharp(data).metadata();
      assert.deepEqual([frame.width, frame.height], [width, height]);
    }
  });

  it('is as wide as it is meant to be where pixels are not square, unless asked to leave them', async () => {
    const path = await make('squeezed.mkv', '72x58', '-vf', 'setsar=64/45');
    const sizeOf = async (options: object) => {
      const { frames } = await inputs.play(path, options);
      const { width, height } = await sharp(frames[0]?.data).metadata();
      assert.deepEqual([frames[0]?.frame.width, frames[0]?.frame.height], [width, height]);
      return [width, height];
    };
    assert.deepEqual(await sizeOf({}), [102, 58]);
    assert.deepEqual(await sizeOf({ squarePixels: false }), [72, 58]);
    assert.deepEqual(await sizeOf({ height: 29 }), [52, 30]);
  });
});
