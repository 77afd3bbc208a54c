// `npm run bench`: the benchmarks, from whatever state the clone is in.
import { prepare, root } from './prepare.mjs';

prepare();
await import(new URL('dist/bench/bench.js', `file://${root}/`).href);
