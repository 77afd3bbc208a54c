// `npm test`: every layer, from whatever state the clone is in. `npm test unit` (npm run test:unit): the layer that
// needs no broker and no browser. The last line says how many passed and failed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const layers = {
  unit: ['lib'],
  node: ['nodes'],
  integration: ['integration'],
  browser: ['browser'],
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in layers));
if (unknown.length > 0) {
  console.error(`No such test layer: ${unknown.join(', ')}. There are ${Object.keys(layers).join(', ')}.`);
  process.exit(2);
}

prepare();
const wanted = names.length > 0 ? names : Object.keys(layers);
const needsBroker = wanted.some((layer) => layer !== 'unit');
const { status } = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    '--reporter',
    join(root, 'dist', 'test', 'support', 'reporter.js'),
    ...(needsBroker ? ['--require', join(root, 'dist', 'test', 'support', 'broker-fixture.js')] : []),
    ...wanted.flatMap((layer) => layers[layer]).map((folder) => `dist/test/${folder}/**/*.test.js`),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(status ?? 1);
