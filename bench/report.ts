import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '../demo/user-dir';

/** Writes a bench's figures to bench/results/<name>.json, with the machine they are of. */
export function writeReport(name: string, figures: object): void {
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, Node.js ${process.versions.node}`;
  const report = { date: new Date().toISOString(), machine, ...figures };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}
