// `npm run bench`: the whole pipeline against its floors, from whatever state the clone is in. `npm run bench -- decode`
// (or kafka, pictures, display, camera-to-screen, cameras, idle) measures one part more closely. Figures go to bench/results/ as JSON.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const [name = 'pipeline', ...args] = process.argv.slice(2);
const bench = join(root, 'dist', 'bench', `${name}.js`);
if (!existsSync(bench)) {
  console.error(
    `There is no bench called ${name}. There are pipeline, decode, kafka, pictures, display, camera-to-screen, cameras and idle.`,
  );
  process.exit(2);
}
process.exit(
  spawnSync(process.execPath, ['--enable-source-maps', bench, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1,
);
