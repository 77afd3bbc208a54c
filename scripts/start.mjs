// `npm start`: the demo, from whatever state the clone is in.
import { prepare, root } from './prepare.mjs';

prepare();
await import(new URL('dist/demo/start.js', `file://${root}/`).href);
