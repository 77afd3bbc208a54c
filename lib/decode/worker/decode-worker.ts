import type { MessagePort } from 'node:worker_threads';
import { DecodeRun } from './decode-run';
import { type DecodeRequest, type DecoderCommand, type DecoderReport, toFailure, unknownMessage } from './messages';

export interface DecodeTask {
  request: DecodeRequest;
  port: MessagePort;
}

/** Runs in the pool, many at a time in one thread: one session, talking to its `DecodeSession` through a port. */
export default async function decode({ request, port }: DecodeTask): Promise<void> {
  const report = (message: DecoderReport) =>
    port.postMessage(message, message.type === 'frame' ? [message.data] : undefined);
  const run = new DecodeRun(request, { report });
  port.on('message', (command: DecoderCommand) => obey(run, command));
  try {
    report({ type: 'ended', reason: await run.run() });
  } catch (error) {
    report(toFailure(error));
  } finally {
    port.close();
  }
}

function obey(run: DecodeRun, command: DecoderCommand): void {
  switch (command.type) {
    case 'finished':
      for (const bytes of command.sizes) run.finished(bytes);
      return;
    case 'pause':
      run.pause();
      return;
    case 'resume':
      run.resume();
      return;
    case 'seek':
      run.seek(command.position);
      return;
    case 'stop':
      run.stop();
      return;
    default:
      throw unknownMessage(command);
  }
}
