// `npm run test:soak -- 60`: four cameras through Kafka to a wall for so many minutes, with faults in between.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const [minutes = '60'] = process.argv.slice(2);
if (!(Number(minutes) >= 2)) {
  console.error(`"${minutes}" is not a number of minutes, 2 or more.`);
  process.exit(2);
}
const soak = join(root, 'dist', 'test', 'soak', 'soak.js');
process.exit(
  spawnSync(process.execPath, ['--enable-source-maps', soak, minutes], { cwd: root, stdio: 'inherit' }).status ?? 1,
);
