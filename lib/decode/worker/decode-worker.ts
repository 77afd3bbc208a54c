import { Decoder } from './decoder';
import { type DecoderCommand, type DecoderReport, type DecodeTask, toFailure, unknownMessage } from './messages';

/** Runs in the pool, many at a time in one thread: one session, talking to its `DecodeSession` through a port. */
export default async function decode({ request, port }: DecodeTask): Promise<void> {
  const report = (message: DecoderReport) =>
    port.postMessage(message, message.type === 'frame' ? [message.data] : undefined);
  const decoder = new Decoder(request, { report });
  port.on('message', (command: DecoderCommand) => execute(decoder, command));
  try {
    report({ type: 'ended', reason: await decoder.run() });
  } catch (error) {
    report(toFailure(error));
  } finally {
    port.close();
  }
}

function execute(decoder: Decoder, command: DecoderCommand): void {
  switch (command.type) {
    case 'finished':
      for (const bytes of command.sizes) decoder.finished(bytes);
      return;
    case 'pause':
      decoder.pause();
      return;
    case 'resume':
      decoder.resume();
      return;
    case 'seek':
      decoder.seek(command.position);
      return;
    case 'stop':
      decoder.stop();
      return;
    default:
      throw unknownMessage(command);
  }
}
