import { sep } from 'node:path';
import type { Context } from 'mocha';

/**
 * A browser that shares the machine with a broker, Node-RED and ffmpeg may once come too late for what a test waits for:
 * what fails there is tried once more, which the report tells. All other tests have one try.
 */
export const mochaHooks = {
  beforeAll(this: Context): void {
    this.test?.parent?.eachTest((test) => {
      if (test.file?.includes(`${sep}browser${sep}`)) test.retries(1);
    });
  },
};
