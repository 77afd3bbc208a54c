import { threadId } from 'node:worker_threads';

/** A task for every way of ending. */
export default async function task(how: 'answer' | 'throw' | 'die' | 'hang' | 'wait'): Promise<number> {
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
    case 'wait':
      return new Promise((resolve) => {
        setTimeout(resolve, 100, threadId);
      });
  }
}
