// `npm test`: every layer of tests, from whatever state the clone is in; `npm test unit browser`: those named.
// The last line says how many passed and failed.
import { prepare, root } from './prepare.mjs';

prepare();
const { runTests } = await import(new URL('dist/test/support/run.js', `file://${root}/`).href);
process.exit(await runTests(process.argv.slice(2)));
