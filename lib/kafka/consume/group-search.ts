import type { Frame } from '../../frame/frame';
import { sessionKey } from '../../frame/name';
import type { Clock } from '../../time/clock';
import { type Asking, type FoundFrame, type ScanOptions, scanBackwards } from './stream-scan';

/** Ms after which streams that had frames before do not begin any more. */
const patience = 5000;

/**
 * Finds the groups of pictures into which reading began: of each stream that goes on there, the frames from its last key frame on.
 * What it reads on the way to one it keeps for the others.
 */
export class GroupSearch {
  readonly #clock: Clock;
  readonly #options: ScanOptions;
  readonly #scan: AsyncGenerator<FoundFrame[], boolean>;
  /** By session, oldest first. */
  readonly #found = new Map<string, FoundFrame[]>();
  #usedAt: number;

  /** Begins in front of the first frame that is in the middle of a group. Reads nothing yet. */
  constructor(options: ScanOptions) {
    this.#clock = options.clock;
    this.#options = { ...options };
    this.#scan = scanBackwards(this.#options);
    this.#usedAt = options.clock.now();
  }

  /** Whether nobody has wanted anything for some time. */
  get isOver(): boolean {
    return this.#clock.now() - this.#usedAt > patience;
  }

  /**
   * The frames before a session's first one, from its last key frame on; undefined where that is too far away or not there.
   * Rejects where the broker does not say, and is of no use then.
   */
  async groupOf(frame: Frame, asking: Asking): Promise<FoundFrame[] | undefined> {
    Object.assign(this.#options, asking);
    const session = sessionKey(frame);
    for (;;) {
      const found = this.#found.get(session) ?? [];
      const begin = found.findLastIndex((each) => each.frame.key);
      if (begin < 0 && (await this.#readOn())) continue;
      this.#usedAt = this.#clock.now();
      return begin < 0 ? undefined : found.slice(begin);
    }
  }

  /** A session has begun, or will not: what was found of it is not needed any more. */
  release(frame: Frame): void {
    this.#found.delete(sessionKey(frame));
  }

  async #readOn(): Promise<boolean> {
    const { done, value } = await this.#scan.next();
    if (done) return false;
    const earlier = new Map<string, FoundFrame[]>();
    for (const found of value) {
      const session = sessionKey(found.frame);
      const others = earlier.get(session);
      if (others === undefined) earlier.set(session, [found]);
      else others.push(found);
    }
    for (const [session, found] of earlier) this.#found.set(session, [...found, ...(this.#found.get(session) ?? [])]);
    return true;
  }
}
