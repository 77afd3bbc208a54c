// Builds the HTML page that Node-RED's editor loads for a node: its templates, the shared styles, and its script,
// bundled from nodes/<node>/editor and nodes/common/editor.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** Writes a node's page to `to`, and merges the shared texts into the message catalogs there. */
export async function buildEditorPage({ node, from, to, common }) {
  const markup = readFileSync(join(from, `${node}.html`), 'utf8');
  const style = readFileSync(join(common, 'editor.css'), 'utf8');
  const script = await bundle(join(from, 'editor', 'index.ts'));
  writeFileSync(
    join(to, `${node}.html`),
    `<style>\n${style}</style>\n\n${markup}\n<script type="text/javascript">\n${script}</script>\n`,
  );
  for (const language of readdirSync(join(to, 'locales')))
    addSharedTexts(join(to, 'locales', language, `${node}.json`));

  function addSharedTexts(catalog) {
    const [[type, texts]] = Object.entries(JSON.parse(readFileSync(catalog, 'utf8')));
    const shared = JSON.parse(readFileSync(join(common, 'locales', 'en-US.json'), 'utf8'));
    writeFileSync(catalog, JSON.stringify({ [type]: { ...shared, ...texts } }, null, 2));
  }
}

/** Bundles a script as an IIFE, so that pages cannot depend on each other's globals. */
async function bundle(entry) {
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      copyPublicDir: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'editor', fileName: 'editor' },
    },
  });
  return output[0].code;
}
