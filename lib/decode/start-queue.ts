import { VideoError } from '../errors';

/** Starts that may wait: more is a flow that sends without end. */
const most = 1000;

/** Starts that wait for their turn, in their order. */
export class StartQueue<Request> {
  #waiting: { request: Request; settle: (start: Promise<void> | undefined) => void }[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves when its start has: see `next`; or when the queue was cleared. Throws QUEUE_FULL. */
  add(request: Request): Promise<void> {
    if (this.#waiting.length >= most) {
      throw new VideoError('QUEUE_FULL', `${most} videos are waiting already: send fewer, or stop the one playing`);
    }
    return new Promise((resolve) => {
      this.#waiting.push({ request, settle: resolve as (start: Promise<void> | undefined) => void });
    });
  }

  /** Starts the oldest. Returns whether there was one. */
  next(start: (request: Request) => Promise<void>): boolean {
    const oldest = this.#waiting.shift();
    oldest?.settle(start(oldest.request));
    return oldest !== undefined;
  }

  /** Forgets all of them. */
  clear(): void {
    for (const { settle } of this.#waiting.splice(0)) settle(undefined);
  }
}
