import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { containedOnly } from '../../../lib/source/contained-formats';
import { holdFile } from '../../../lib/source/held-file';
import { fileOf } from '../../../lib/source/local-source';
import { resolveSource } from '../../../lib/source/resolve';
import { temporaryPath } from '../../support/media';

const run = promisify(execFile);

describe('a file in an allowed folder', () => {
  const inside = dirname(temporaryPath('held/inside/x'));
  const outside = dirname(temporaryPath('held/outside/x'));
  const path = join(inside, 'link', 'video.mp4');
  const rules = { folders: [inside], trusted: false, allowedFolders: [inside] };

  /** Where `link` leads. */
  const turn = async (to: string) => {
    await rm(join(inside, 'new-link'), { force: true });
    await symlink(to, join(inside, 'new-link'));
    await rename(join(inside, 'new-link'), join(inside, 'link'));
  };
  beforeEach(async () => {
    for (const folder of [join(inside, 'real'), outside]) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'video.mp4'), folder);
    }
    await turn(join(inside, 'real'));
  });
  afterEach(() => rm(dirname(inside), { recursive: true }));

  it('is checked again when it is opened, where a link was turned elsewhere since', async () => {
    const source = await resolveSource(path, rules);
    await turn(outside);
    await assert.rejects(holdFile(source, [inside]), { code: 'SOURCE_REFUSED', message: /allowedFolders/ });
  });

  it('stays the one that was checked, wherever a link is turned after that', async () => {
    const held = await holdFile(await resolveSource(path, rules), [inside]);
    await turn(outside);
    assert.equal(readFileSync(fileOf(held.source), 'utf8'), join(inside, 'real'));
    await held.close();
  });

  it('is refused when it has become a pipe, which would never end, or is gone', async () => {
    const source = await resolveSource(path, rules);
    await rm(path);
    await assert.rejects(holdFile(source, [inside]), { code: 'SOURCE_UNREADABLE' });
    await run('mkfifo', [path]);
    await assert.rejects(holdFile(source, [inside]), { code: 'SOURCE_NOT_A_FILE' });
  });

  it('is read with the options that were given for it, and as what it is, though its name looks like a pattern', async function () {
    // Elsewhere it is opened by its name.
    if (process.platform !== 'linux') this.skip();
    await writeFile(join(inside, 'real', 'a%d.png'), 'x');
    const options = ['-fflags', '+genpts'];
    for (const name of ['video.mp4', 'a%d.png']) {
      const source = await resolveSource(join(inside, 'real', name), { ...rules, inputOptions: options });
      const held = await holdFile(source, [inside]);
      assert.deepEqual(held.source.inputOptions, [...options, ...containedOnly]);
      await held.close();
    }
  });
});
