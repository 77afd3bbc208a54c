/** Why records could not be read. */
export type UnreadableCause =
  /** The checksum is another one. */
  | 'checksum'
  /** The broker cannot read what it has stored. */
  | 'corrupt'
  /** The bytes make no sense, compressed ones included. */
  | 'damaged'
  /** It would take more memory than a batch may. */
  | 'too-large'
  /** Compressed in a way, or laid out in a format, that is not known. */
  | 'unknown-format'
  /** What decompresses it is not installed. */
  | 'codec-missing';

/** Records that cannot be read. The message says why, as a sentence that has the records' batch for its subject. */
export class UnreadableError extends Error {
  readonly kind: UnreadableCause;

  constructor(kind: UnreadableCause, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnreadableError';
    this.kind = kind;
  }
}

export function damaged(what: string, cause?: unknown): UnreadableError {
  return new UnreadableError('damaged', `is damaged: ${what}`, cause === undefined ? undefined : { cause });
}

/** `limit` in bytes. */
export function tooLarge(limit: number): UnreadableError {
  const megabytes = Math.round(limit / 1024 / 1024);
  return new UnreadableError('too-large', `takes more than ${megabytes} MB of memory once it is decompressed`);
}
