/** Most streams remembered: enough to pick from, and a bound where every start has a new name. */
const maxStreams = 64;

/** The streams that have been seen, in order of their names. */
export class StreamList {
  /** The one seen last comes last. */
  readonly #seen = new Set<string>();
  #sorted: string[] = [];

  get names(): readonly string[] {
    return this.#sorted;
  }

  /** Notes that a frame of this stream came; gives the name that had to go for it, if any. */
  note(stream: string): string | undefined {
    const isNew = !this.#seen.delete(stream);
    this.#seen.add(stream);
    if (!isNew) return undefined;
    const oldest = this.#seen.size > maxStreams ? (this.#seen.values().next().value as string) : undefined;
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#sorted = [...this.#seen].sort();
    return oldest;
  }
}
