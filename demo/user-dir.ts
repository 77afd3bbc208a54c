import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '..', '..');
const { name, version } = require(join(root, 'package.json')) as { name: string; version: string };

/**
 * Makes a Node-RED user directory in which this checkout counts as an installed package. The link is for Node-RED;
 * the entry in package.json is for Dashboard, which finds third-party widgets only in direct dependencies.
 */
export function prepareUserDir(userDir: string): void {
  const link = join(userDir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(root, link, 'junction');
  const manifest = join(userDir, 'package.json');
  if (!existsSync(manifest)) {
    const content = { name: 'node-red-user-directory', private: true, dependencies: { [name]: `~${version}` } };
    writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
  }
}
