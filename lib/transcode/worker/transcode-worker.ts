import { toVideoError } from '../../ffmpeg/fault';
import { type TranscodeCommand, type TranscodeReport, type TranscodeTask, unknownMessage } from './messages';
import { PacketRun } from './packet-run';

/** Runs in the pool, many at a time in one thread: one ffmpeg, talking to its `TranscodeRun` through a port. */
export default async function transcode({ request, port }: TranscodeTask): Promise<void> {
  const report = (message: TranscodeReport) =>
    port.postMessage(message, message.type === 'picture' ? [message.data] : undefined);
  const run = new PacketRun(request, report);
  port.on('message', (command: TranscodeCommand) => execute(run, command));
  try {
    await run.finish();
    report({ type: 'ended' });
  } catch (error) {
    const { code, message, log } = toVideoError(error);
    report({ type: 'failed', code, message, log });
  } finally {
    port.close();
  }
}

function execute(run: PacketRun, command: TranscodeCommand): void {
  switch (command.type) {
    case 'packet':
      run.push(command.time, command.isKey, command.data);
      return;
    case 'taken':
      run.taken(command.size);
      return;
    case 'end':
      run.end();
      return;
    case 'stop':
      run.stop();
      return;
    default:
      throw unknownMessage(command);
  }
}
