// Builds the package: TypeScript to dist/, the files Node-RED reads beside each node, the dashboard widget to resources/.
// `--no-widget` leaves the widget as it is: the fast loop for everything else.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
function copyNodeFiles() {
  for (const node of readdirSync(join(root, 'nodes'), { withFileTypes: true })) {
    if (!node.isDirectory()) continue;
    const from = join(root, 'nodes', node.name);
    for (const name of [`${node.name}.html`, 'locales', 'icons']) {
      if (existsSync(join(from, name))) {
        cpSync(join(from, name), join(root, 'dist', 'nodes', node.name, name), { recursive: true });
      }
    }
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
run(bin('tsc'), []);
copyNodeFiles();
if (!process.argv.includes('--no-widget')) {
  run(bin('vite'), ['build', '--config', join(root, 'nodes', 'frame-display', 'ui', 'vite.config.mjs')]);
}
