import assert from 'node:assert/strict';
import Module from 'node:module';
import { gzipSync } from 'node:zlib';
import { decompress } from '../../../../lib/kafka/wire/decompress';
import { UnreadableError } from '../../../../lib/kafka/wire/unreadable';

const limit = 64 * 1024 * 1024;
const codecs = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 };
const text = 'Wikipedia is a free, worldwide wiki encyclopedia. '.repeat(3);

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
/** Whole and part, as Snappy has the length in front: seven bits a byte. */
const snappyLength = (length: number): number[] =>
  length < 0x80 ? [length] : [(length % 0x80) | 0x80, ...snappyLength(Math.floor(length / 0x80))];
const lz4Frame = (...blocks: Buffer[]) =>
  Buffer.concat([
    Buffer.from('04224d18604082', 'hex'),
    ...blocks.flatMap((block) => [uint32(block.length), block]),
    uint32(0),
  ]);
/** A block that repeats its second byte. */
const lz4Repeating = (count: number) => {
  const more = count - 1 - 4 - 15;
  const lengths = Buffer.concat([Buffer.alloc(Math.floor(more / 255), 255), Buffer.from([more % 255])]);
  return Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), lengths, Buffer.from([0])]);
};
const zstdBlock = (type: number, size: number, bytes: Buffer, isLast: boolean) => {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return Buffer.concat([header, bytes]);
};
/** A frame of 128 KB blocks that are one byte each. */
const zstdRepeating = (blocks: number) =>
  Buffer.concat([
    Buffer.from('28b52ffd0058', 'hex'),
    ...Array.from({ length: blocks }, (_, index) => zstdBlock(1, 128 * 1024, Buffer.from('a'), index === blocks - 1)),
  ]);

const kindOf = (codec: number, bytes: Buffer, most = limit) =>
  decompress(codec, bytes, most).then(
    () => 'read',
    (error) => (error instanceof UnreadableError ? error.kind : String(error)),
  );

describe('decompressing records', () => {
  it('reads a bare block of Snappy, as some clients send it', async () => {
    // A literal of 50 bytes, and copies of 64 and 36 bytes from 50 bytes before.
    const bare = Buffer.concat([
      Buffer.from([...snappyLength(text.length), 49 << 2]),
      Buffer.from(text.slice(0, 50)),
      Buffer.from([(63 << 2) | 2, 50, 0, (35 << 2) | 2, 50, 0]),
    ]);
    assert.equal(String(await decompress(codecs.snappy, bare, limit)), text);
  });

  it('reads Snappy streams that were put together, each with its own header', async () => {
    const header = Buffer.from('82534e41505059000000000100000001', 'hex');
    const stream = (word: string) => {
      const block = Buffer.from([word.length, (word.length - 1) << 2, ...Buffer.from(word)]);
      return Buffer.concat([header, uint32(block.length).swap32(), block]);
    };
    const both = Buffer.concat([stream('one'), stream('two')]);
    assert.equal(String(await decompress(codecs.snappy, both, limit)), 'onetwo');
  });

  it('reads blocks of LZ4 that repeat what was in those before, and several frames', async () => {
    const first = Buffer.from([0x60, ...Buffer.from('abcdef')]);
    // Four bytes from six before, and one of its own.
    const second = Buffer.from([0x00, 6, 0, 0x10, ...Buffer.from('!')]);
    const frames = Buffer.concat([lz4Frame(first, second), lz4Frame(first)]);
    assert.equal(String(await decompress(codecs.lz4, frames, limit)), 'abcdefabcd!abcdef');
  });

  it('reads data of LZ4 that repeats itself', async () => {
    assert.equal(String(await decompress(codecs.lz4, lz4Frame(lz4Repeating(1000)), limit)), 'a'.repeat(1000));
  });

  it('reads Zstandard of one frame after the other, and what is to be skipped', async () => {
    const frame = (word: string) =>
      Buffer.concat([
        Buffer.from('28b52ffd20', 'hex'),
        Buffer.from([word.length]),
        zstdBlock(0, word.length, Buffer.from(word), true),
      ]);
    const skipped = Buffer.concat([uint32(0x184d2a50), uint32(3), Buffer.from('abc')]);
    const bytes = Buffer.concat([frame('one'), skipped, frame('two')]);
    assert.equal(String(await decompress(codecs.zstd, bytes, limit)), 'onetwo');
  });

  const bombs = {
    gzip: () => gzipSync(Buffer.alloc(limit + 1)),
    'snappy, which says so': () => Buffer.from([...snappyLength(limit + 1), 0, 0x61]),
    lz4: () => lz4Frame(lz4Repeating(limit + 1)),
    zstd: () => zstdRepeating(513),
  };
  for (const [name, bomb] of Object.entries(bombs)) {
    const codec = codecs[name.split(',')[0] as keyof typeof codecs];
    it(`stops where it gets too large: ${name}`, async () => {
      assert.equal(await kindOf(codec, bomb()), 'too-large');
    });
  }

  it('takes no memory for what data says of its size alone', async () => {
    // A window of 1.8 GB, or content of as much, and nothing in it.
    const window = Buffer.concat([Buffer.from('28b52ffd00a7', 'hex'), zstdBlock(0, 0, Buffer.alloc(0), true)]);
    const content = Buffer.concat([
      Buffer.from('28b52ffda0', 'hex'),
      uint32(1.8e9),
      zstdBlock(0, 1, Buffer.from('a'), true),
    ]);
    const snappy = Buffer.from([...snappyLength(limit), 0, 0x61]);
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(await kindOf(codecs.zstd, window), 'read');
    assert.equal(await kindOf(codecs.zstd, content), 'read');
    assert.equal(await kindOf(codecs.snappy, snappy), 'damaged');
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e6);
  });

  it('says of any damage that it is one, and comes to an end', async () => {
    const sound = [
      [codecs.gzip, gzipSync(text)],
      [
        codecs.snappy,
        Buffer.from([...snappyLength(104), 3 << 2, ...Buffer.from('abcd'), (63 << 2) | 2, 4, 0, (35 << 2) | 2, 4, 0]),
      ],
      [codecs.lz4, lz4Frame(lz4Repeating(1000))],
      // 'abc' 150 times, as zstd has it.
      [codecs.zstd, Buffer.from('28b52ffd0058550000186162630100bcaa6e08', 'hex')],
    ] as const;
    for (const [codec, bytes] of sound) {
      assert.equal(await kindOf(codec, bytes), 'read', `codec ${codec}`);
      const kinds = new Set<string>();
      for (let at = 0; at < bytes.length; at += 1) {
        kinds.add(await kindOf(codec, bytes.subarray(0, at)));
        for (const bit of [1, 8, 0x80]) {
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] as number) ^ bit;
          kinds.add(await kindOf(codec, changed));
        }
      }
      assert.deepEqual(
        [...kinds].filter((kind) => !['read', 'damaged', 'too-large'].includes(kind)),
        [],
      );
      assert.ok(kinds.has('damaged'), `codec ${codec}`);
    }
  });

  it('says what to install where the package for Zstandard is missing', async () => {
    const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
    const { _load } = loader;
    loader._load = (name, ...rest) => {
      if (name === 'fzstd') throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
      return _load(name, ...rest);
    };
    try {
      await assert.rejects(decompress(codecs.zstd, zstdRepeating(1), limit), {
        kind: 'codec-missing',
        message: /run "npm install fzstd" in Node-RED's user directory/,
      });
    } finally {
      loader._load = _load;
    }
  });
});
