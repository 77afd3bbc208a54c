// `node scripts/screenshots.mjs`: takes the pictures of docs/display.md and README.md anew, with a real Node-RED and a real browser.
import { prepare, root } from './prepare.mjs';

prepare();
await import(new URL('dist/bench/screenshots.js', `file://${root}/`).href);
