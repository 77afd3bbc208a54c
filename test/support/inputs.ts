import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { WorkerPool } from '../../lib/pool/worker-pool';
import { runningFfmpegs, temporaryPath } from './media';
import { Player, type PlayerOptions } from './player';
import { startWebServer, type WebServer } from './web-server';

const run = promisify(execFile);

/** Sources to play from, and what plays them: made before the tests of a `describe`, gone after them. */
export class Inputs {
  pool!: WorkerPool;
  ffmpeg!: string;
  /** Where the files are. */
  folder!: string;
  /** 10 frames, 64x48. */
  clip!: string;
  /** The same as `shots/shot-0017.jpg` and following. */
  jpegs!: Buffer[];
  readonly #servers: WebServer[] = [];

  /** For the `describe` that calls it. */
  constructor(name: string) {
    before(() => this.#make(temporaryPath(name)));
    after(() => this.pool.close());
    afterEach(async () => {
      for (const server of this.#servers.splice(0)) await server.close();
      assert.deepEqual(await runningFfmpegs(), []);
    });
  }

  /** A web server until the end of the test. */
  async serve(...options: Parameters<typeof startWebServer>): Promise<WebServer> {
    const server = await startWebServer(...options);
    this.#servers.push(server);
    return server;
  }

  /** Plays a source to its end. */
  async play(source: string, options: object = {}, settings: PlayerOptions = {}): Promise<Player> {
    const player = new Player(this.pool, settings);
    await player.start(source, options);
    await Promise.race([player.event('ended'), player.event('error')]);
    assert.deepEqual(player.failures, []);
    return player;
  }

  async #make(folder: string): Promise<void> {
    this.pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
    ({ ffmpeg: this.ffmpeg } = await findFfmpeg());
    this.folder = folder;
    const shots = join(folder, 'shots');
    await mkdir(shots, { recursive: true });
    this.clip = join(folder, 'clip.mkv');
    const picture = ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25:duration=0.4'];
    await run(this.ffmpeg, [...picture, '-c:v', 'mpeg4', this.clip]);
    const numbered = ['-huffman', 'default', '-start_number', '17', join(shots, 'shot-%04d.jpg')];
    await run(this.ffmpeg, [...picture, ...numbered]);
    const names = (await readdir(shots)).sort();
    this.jpegs = await Promise.all(names.map((name) => readFile(join(shots, name))));
  }
}
