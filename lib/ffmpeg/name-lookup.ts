import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolEnvironment } from './lookup';

const run = promisify(execFile);
const known = new Map<string, Promise<boolean>>();

/**
 * Whether an ffmpeg can look up host names; asked once per path. One that is linked statically, as many downloads are,
 * crashes when the system's glibc is not the one it was built with (https://johnvansickle.com/ffmpeg/release-readme.txt).
 */
export function canLookUpNames(ffmpeg: string): Promise<boolean> {
  let answer = known.get(ffmpeg);
  if (answer === undefined) {
    const options = { env: toolEnvironment(), timeout: 10_000, windowsHide: true };
    // Nobody listens there: being told so, rather than crashing, is the answer.
    answer = run(ffmpeg, ['-v', 'error', '-i', 'tcp://localhost:1'], options).then(
      () => true,
      (error: { signal?: string | null }) => !error.signal,
    );
    known.set(ffmpeg, answer);
  }
  return answer;
}
