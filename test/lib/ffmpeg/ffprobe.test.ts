import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runFfprobe } from '../../../lib/ffmpeg/ffprobe';
import type { Source } from '../../../lib/source/source';
import { temporaryPath } from '../../support/media';

const source: Source = {
  kind: 'network',
  input: 'rtsp://me:s3cret@camera/1',
  inputOptions: ['-rtsp_flags', 'prefer_tcp'],
  name: 'rtsp://camera/1',
  recorded: false,
  protocols: 'rtsp,tcp',
};

/** A program in the place of ffprobe. */
async function script(name: string, ...lines: string[]): Promise<string> {
  const path = temporaryPath(`ffprobe-scripts/${name}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

describe('runFfprobe', () => {
  it('lets it open nothing but what its source may need, and no picture larger than any in use', async () => {
    const echo = await script('echo', `printf '{"args":"%s"}' "$*"`);
    const { args } = (await runFfprobe(echo, source)) as { args: string };
    assert.match(args, / -protocol_whitelist rtsp,tcp .*-rtsp_flags prefer_tcp .*-i /);
    assert.match(args, / -max_pixels 67108864 .*-i /);
  });

  for (const [words, remedy] of [
    ['Server returned 401 Unauthorized (authorization failed)', /Check the user and the password$/],
    ['Server returned 403 Forbidden (access denied)', /Check that this user may watch it, and its address$/],
    ['Server returned 404 Not Found', /Check the address behind the host$/],
    ['Connection refused', /Check that it is on, and its host and port$/],
    ['No route to host', /Check that it is on, and its host and port$/],
    ['Invalid data found when processing input', /Check that it is a video and plays elsewhere$/],
  ] as const) {
    it(`says what helps against "${words}"`, async () => {
      const failing = await script('no-help', `echo '${source.input}: ${words}' >&2`, 'exit 1');
      await assert.rejects(runFfprobe(failing, source), { code: 'SOURCE_UNREADABLE', message: remedy });
    });
  }

  it('repeats its last words without the password of any URL in them', async () => {
    const failing = await script('failing', `echo 'rtsp://you:s3cret@other/2?token=s3cret: broken' >&2`, 'exit 1');
    await assert.rejects(runFfprobe(failing, source), {
      code: 'SOURCE_UNREADABLE',
      message: /^rtsp:\/\/camera\/1 cannot be read: rtsp:\/\/other\/2\?…/,
    });
  });
});
