// Makes the page of a node that Node-RED's editor loads: its markup, the style all dialogs share, and its script, which
// is bundled from nodes/<node>/editor and what it uses of nodes/common/editor.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** Writes the page and adds the shared words to the catalogues of a node that was copied from `from` to `to`. */
export async function buildEditorPage({ node, from, to, common }) {
  const markup = readFileSync(join(from, `${node}.html`), 'utf8');
  const style = readFileSync(join(common, 'editor.css'), 'utf8');
  const script = await bundle(join(from, 'editor', 'index.ts'));
  writeFileSync(
    join(to, `${node}.html`),
    `<style>\n${style}</style>\n\n${markup}\n<script type="text/javascript">\n${script}</script>\n`,
  );
  for (const language of readdirSync(join(to, 'locales')))
    addSharedWords(join(to, 'locales', language, `${node}.json`));

  function addSharedWords(catalogue) {
    const [[type, words]] = Object.entries(JSON.parse(readFileSync(catalogue, 'utf8')));
    const shared = JSON.parse(readFileSync(join(common, 'locales', 'en-US.json'), 'utf8'));
    writeFileSync(catalogue, JSON.stringify({ [type]: { ...shared, ...words } }, null, 2));
  }
}

/** One function that is called at once, so that pages share nothing but what the editor gives them. */
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
