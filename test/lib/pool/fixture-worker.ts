import { once } from 'node:events';
import { type MessagePort, threadId } from 'node:worker_threads';

/** A task for every way of ending; one with a port says there that it has begun, and answers when it hears from there. */
export default async function task(how: 'answer' | 'throw' | 'die' | 'hang' | { port: MessagePort }): Promise<number> {
  switch (how) {
    case 'answer':
      return threadId;
    case 'throw':
      throw new RangeError('thrown by the task');
    case 'die':
      setImmediate(() => {
        throw new Error('thrown by nobody in particular');
      });
      return new Promise(() => {});
    case 'hang':
      return new Promise(() => {});
    default:
      how.port.postMessage('begun');
      await once(how.port, 'message');
      how.port.close();
      return threadId;
  }
}
