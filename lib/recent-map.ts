/** A map that keeps the entries used most recently, for what is remembered by names that flows may make up without end. */
export class RecentMap<Key, Value> implements Iterable<Value> {
  readonly #max: number;
  /** The entry used last comes last. */
  readonly #entries = new Map<Key, Value>();

  /** Keeps at most `max` entries. */
  constructor(max: number) {
    this.#max = max;
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as used now. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  /** Sets the value, which counts as used now; forgets the one unused for longest where there are too many. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as Key);
  }

  clear(): void {
    this.#entries.clear();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
