import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { askWhileGrowing } from '../../../../lib/decode/worker/growing-file';
import { FakeClock } from '../../../support/fake-clock';
import { temporaryPath } from '../../../support/media';

describe('askWhileGrowing', () => {
  const path = temporaryPath('growing-file/file');
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  });

  /** Asks until it settles, with time going by meanwhile. */
  async function ask(answer: () => Promise<string>, mayPass = (_error: unknown) => true): Promise<string> {
    const { signal } = new AbortController();
    let isSettled = false;
    const asking = askWhileGrowing({ path, patience: 1000, clock, signal }, answer, mayPass);
    const settled = asking.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    while (!isSettled) {
      await setImmediate();
      clock.advance(100);
    }
    return settled;
  }

  it('asks again each time the file has grown, until there is an answer', async () => {
    let asked = 0;
    const answer = async () => {
      asked += 1;
      if (asked === 3) return 'a video';
      await appendFile(path, 'more');
      throw new Error('too short');
    };
    assert.equal(await ask(answer), 'a video');
  });

  it('gives up with the last error once the file has not grown for long enough', async () => {
    let asked = 0;
    const answer = () => Promise.reject(new Error(`too short ${++asked}`));
    await assert.rejects(ask(answer), /too short 2/);
    assert.ok(clock.now() >= 1000);
  });

  it('gives up at once with an error that more of the file would not help', async () => {
    await assert.rejects(
      ask(
        () => Promise.reject(new Error('no rights')),
        () => false,
      ),
      /no rights/,
    );
    assert.ok(clock.now() < 1000);
  });
});
