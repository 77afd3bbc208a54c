// Installs and builds when needed, and only then: what `npm start`, `npm test` and `npm run bench` begin with.
// Plain JavaScript without dependencies, because on a fresh clone there are none yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(root, '.cache');
const sources = ['lib', 'nodes', 'test', 'bench', 'demo', 'scripts', 'tsconfig.json', 'package.json'];

/** Brings node_modules, dist and resources up to date; ends the process with one sentence when it cannot. */
export function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 9)) {
    fail(`Node.js ${process.versions.node} is too old: this needs 20.9 or newer (https://nodejs.org).`);
  }
  mkdirSync(cache, { recursive: true });
  whenChanged('install', fingerprint(['package.json', 'package-lock.json']), ['node_modules/.package-lock.json'], () =>
    run('Installing', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']),
  );
  whenChanged('build', fingerprint(sources), ['dist/lib', 'resources/ui-frame-display.umd.js'], () =>
    run('Building', process.execPath, [join(root, 'scripts', 'build.mjs')]),
  );
}

/** Runs a step unless it ran for the same fingerprint before and what it made is still there. */
function whenChanged(step, print, results, action) {
  const stamp = join(cache, `${step}.stamp`);
  const upToDate =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === print &&
    results.every((result) => existsSync(join(root, result)));
  if (upToDate) return;
  action();
  writeFileSync(stamp, print);
}

function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version);
  const add = (path) => {
    const stat = statSync(join(root, path));
    if (stat.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  paths.forEach(add);
  return hash.digest('hex');
}

function run(what, command, args) {
  console.log(`${what} ...`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error !== undefined) fail(`${what} failed: ${command} could not be started (${error.message}).`);
  if (status !== 0) fail(`${what} failed: \`${command} ${args.join(' ')}\` ended with ${status}; its output is above.`);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
