export interface WindowLimits {
  /** Most frames unfinished at a time. */
  maxFrames: number;
  /** Most bytes unfinished at a time. One frame always fits, however large. */
  maxBytes: number;
}

/**
 * The in-flight window: how much a source has handed out that is not finished yet.
 * Whoever produces frames acquires room for each before handing it out and releases it when the frame is finished.
 */
export class Window {
  readonly limits: WindowLimits;
  #frames = 0;
  #bytes = 0;
  #closed = false;
  #waiting: { bytes: number; resolve: (acquired: boolean) => void }[] = [];

  constructor(limits: WindowLimits) {
    this.limits = limits;
  }

  /** Frames handed out and not finished. */
  get frames(): number {
    return this.#frames;
  }

  /** Bytes handed out and not finished. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether somebody waits for room: the window is what holds the source. */
  get full(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Resolves true once a frame of `bytes` has its room, in the order of asking;
   * false, without room, when the window is closed.
   */
  acquire(bytes: number): Promise<boolean> {
    if (this.tryAcquire(bytes)) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
    });
  }

  /** Takes room for a frame of `bytes` when there is some at once and nobody waits for it: the way without a promise. */
  tryAcquire(bytes: number): boolean {
    if (this.#closed || this.#waiting.length > 0 || !this.#fits(bytes)) return false;
    this.#add(bytes);
    return true;
  }

  /** Gives back the room of one finished frame of `bytes`. */
  release(bytes: number): void {
    this.#frames -= 1;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#add(next.bytes);
      next.resolve(true);
    }
  }

  /** Everyone who waits gets nothing, and nothing can be acquired any more. */
  close(): void {
    this.#closed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  #fits(bytes: number): boolean {
    if (this.#frames === 0) return true;
    return this.#frames < this.limits.maxFrames && this.#bytes + bytes <= this.limits.maxBytes;
  }

  #add(bytes: number): void {
    this.#frames += 1;
    this.#bytes += bytes;
  }
}
