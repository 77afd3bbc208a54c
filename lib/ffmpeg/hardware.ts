import { execFile } from 'node:child_process';
import { redactorOf } from '../source/secrets';
import type { Source } from '../source/source';
import type { Capabilities } from './capabilities';
import { toolEnvironment } from './lookup';

/** Ms a driver may take to open its device. */
const patience = 10_000;

/** Whether hardware will decode a source, or why it will not. */
export type HardwareCheck = { works: true; kind: string } | { works: false; reason: string };

/**
 * Decodes one frame with hardware to see whether it works: without it ffmpeg fails, or silently goes on without,
 * depending on what was asked for.
 */
export async function checkHardware(
  ffmpeg: string,
  source: Source,
  streamIndex: number,
  kind: string,
  { hwaccels }: Capabilities,
  signal: AbortSignal,
): Promise<HardwareCheck> {
  if (hwaccels.length === 0) return { works: false, reason: 'this ffmpeg was built without it' };
  if (kind !== 'auto' && !hwaccels.includes(kind)) {
    return { works: false, reason: `this ffmpeg knows only ${hwaccels.join(', ')}` };
  }
  // A camera can be opened only once at a time, and a stream may be paid for.
  if (source.kind !== 'file') return { works: true, kind };
  const args = ['-hide_banner', '-nostdin', '-v', 'verbose', '-protocol_whitelist', source.protocols, '-hwaccel', kind];
  const input = [...source.inputOptions, '-i', source.input];
  const one = [...input, '-map', `0:${streamIndex}`, '-frames:v', '1', '-f', 'null', '-'];
  const { failed, log } = await new Promise<{ failed: boolean; log: string }>((resolve) => {
    const options = {
      timeout: patience,
      env: toolEnvironment(),
      killSignal: 'SIGKILL',
      windowsHide: true,
      signal,
    } as const;
    execFile(ffmpeg, [...args, ...one], options, (error, _stdout, stderr) =>
      resolve({ failed: error !== null, log: stderr }),
    );
  });
  signal.throwIfAborted();
  const complaint = log
    .split('\n')
    .find((line) => /hwaccel disabled|Failed setup for format|Device setup failed/.test(line));
  if (!failed && complaint === undefined) return { works: true, kind };
  const reason = redactorOf(source)((complaint ?? 'ffmpeg failed with it').replace(/^\[[^\]]*\] /, '').trim());
  return { works: false, reason };
}
