// Builds the package: TypeScript to dist/, the files Node-RED reads beside each node, the dashboard widget to resources/.
// See build-editor.mjs for the pages that Node-RED's editor loads.
// `--no-widget` leaves the widget as it is: the fast loop for everything else.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEditorPage } from './build-editor.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Node-RED finds a node's html, locales and icons beside its js (docs: creating-nodes/packaging). */
async function makeNodeFiles() {
  const common = join(root, 'nodes', 'common', 'editor');
  for (const node of readdirSync(join(root, 'nodes'))) {
    const from = join(root, 'nodes', node);
    const to = join(root, 'dist', 'nodes', node);
    if (!existsSync(join(from, `${node}.html`))) continue;
    for (const name of ['locales', 'icons']) cpSync(join(from, name), join(to, name), { recursive: true });
    await buildEditorPage({ node, from, to, common });
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
run(bin('tsc'), []);
await makeNodeFiles();
if (!process.argv.includes('--no-widget')) {
  run(bin('vite'), ['build', '--config', join(root, 'nodes', 'frame-display', 'ui', 'vite.config.mjs')]);
}
