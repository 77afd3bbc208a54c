import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { root } from '../demo/user-dir';

/**
 * The arrows between rooms: for each room what it may import besides itself, which is another room (not those within
 * it), one file of a room, or `lib` for all of lib/. After `type` only types may be imported.
 */
const arrows: Record<string, string[]> = {
  'lib/printable.ts': [],
  'lib/errors.ts': ['lib/printable.ts'],
  'lib/recent-map.ts': [],
  'lib/read-number.ts': ['lib/errors.ts'],
  'lib/time': [],
  'lib/flow': [],
  'lib/pool': ['lib/errors.ts'],
  'lib/frame': ['lib/frame/packet', 'lib/errors.ts', 'lib/printable.ts', 'lib/recent-map.ts'],
  'lib/frame/packet': [],
  'lib/image': ['lib/flow', 'lib/pool', 'lib/errors.ts'],
  'lib/source': ['lib/errors.ts'],
  'lib/ffmpeg': ['lib/source', 'lib/frame/frame.ts', 'lib/errors.ts', 'lib/read-number.ts', 'lib/recent-map.ts'],
  'lib/decode/worker': ['lib/ffmpeg', 'lib/source', 'lib/frame', 'lib/flow', 'lib/time', 'lib/errors.ts'],
  'lib/decode': [
    ...['lib/decode/worker/messages.ts', 'lib/ffmpeg', 'lib/source', 'lib/frame', 'lib/flow', 'lib/pool'],
    ...['lib/time', 'lib/errors.ts'],
  ],
  'lib/transcode/worker': [
    'lib/decode/worker/packet-reader.ts',
    'lib/ffmpeg',
    'lib/frame',
    'lib/flow',
    'lib/time',
    'lib/errors.ts',
  ],
  'lib/transcode': [
    ...['lib/transcode/worker/messages.ts', 'lib/ffmpeg', 'lib/frame', 'lib/flow', 'lib/pool', 'lib/time'],
    'lib/errors.ts',
  ],
  'lib/kafka/wire': [],
  'lib/kafka/kafkajs-patch': ['lib/kafka/wire'],
  'lib/kafka/cluster': ['lib/kafka/kafkajs-patch', 'lib/time', 'lib/errors.ts', 'lib/recent-map.ts'],
  'lib/kafka/produce': ['lib/kafka/cluster', 'lib/frame', 'lib/time', 'lib/errors.ts', 'lib/recent-map.ts'],
  'lib/kafka/consume': [
    'lib/kafka/cluster',
    'lib/kafka/kafkajs-patch',
    'lib/frame',
    'lib/flow',
    'lib/time',
    'lib/errors.ts',
    'lib/recent-map.ts',
  ],
  'lib/playout': ['lib/frame', 'lib/time', 'lib/errors.ts', 'lib/recent-map.ts'],
  'lib/display': ['lib/playout', 'lib/frame', 'lib/time', 'lib/errors.ts', 'lib/recent-map.ts'],
  'nodes/common': ['lib'],
  'nodes/common/editor': ['lib/read-number.ts'],
  'nodes/frame-display/editor': ['nodes/common/editor', 'nodes/common/ranges.ts'],
  'nodes/frame-display': ['nodes/common', 'lib'],
  'nodes/frame-display/ui': [
    'nodes/frame-display/protocol.ts',
    'nodes/frame-display/rights.ts',
    'lib/frame/bounds.ts',
    'lib/printable.ts',
    'type lib/frame',
  ],
  'nodes/kafka-frame-broker/editor': ['nodes/common/editor', 'nodes/common/ranges.ts'],
  'nodes/kafka-frame-broker': ['nodes/common', 'lib'],
  'nodes/kafka-frame-in/editor': ['nodes/common/editor', 'nodes/common/ranges.ts'],
  'nodes/kafka-frame-in': ['nodes/common', 'nodes/kafka-frame-broker/broker.ts', 'lib'],
  'nodes/kafka-frame-out/editor': ['nodes/common/editor', 'nodes/common/ranges.ts'],
  'nodes/kafka-frame-out': ['nodes/common', 'nodes/kafka-frame-broker/broker.ts', 'lib'],
  'nodes/video-source/editor': [
    ...['nodes/common/editor', 'nodes/common/ranges.ts', 'lib/ffmpeg/option-ranges.ts', 'lib/source/shown.ts'],
    ...['lib/ffmpeg/input-option-names.ts', 'lib/ffmpeg/variant-name.ts'],
  ],
  'nodes/video-source': ['nodes/common', 'lib'],
};

/** Packages that few may import: a file, or a room with those within it. */
const users: Record<string, string[]> = {
  'fluent-ffmpeg': ['lib/ffmpeg/fluent.ts'],
  sharp: ['lib/image', 'lib/pool'],
  kafkajs: ['lib/kafka'],
};

const mostLines = 250;

interface Import {
  /** As it is written. */
  name: string;
  /** The file it is, from the repository's root; undefined for a package. */
  target: string | undefined;
  onlyTypes: boolean;
}

/** What is imported anywhere in lib/ and nodes/, by the file that imports it. */
const files = new Map<string, Import[]>();

describe('the architecture', () => {
  before(() => {
    for (const path of [...sourcesIn('lib'), ...sourcesIn('nodes')]) {
      files.set(path, importsOf(path, readFileSync(join(root, path), 'utf8')));
    }
  });

  it('has a row of arrows for each room there is, and none for rooms that are gone', () => {
    assert.deepEqual([...new Set([...files.keys()].map(roomOf))].sort(), Object.keys(arrows).sort());
  });

  it('lets each room import only what lies below it', () => {
    assertNone(([path, { target, onlyTypes }]) => {
      if (target === undefined) return false;
      const room = roomOf(path);
      const mayImport = (allowed: string) =>
        (onlyTypes || !allowed.startsWith('type ')) && isOf(target, allowed.replace('type ', ''));
      return roomOf(target) !== room && !(arrows[room] ?? []).some(mayImport);
    });
  });

  it('has nothing that imports itself, not even through others', () => {
    assert.deepEqual(circles(), []);
  });

  it('keeps Node-RED out of lib/', () => {
    assertNone(([path, { name, target }]) => {
      return isIn(path, 'lib') && (target === undefined ? /^@?node-red/.test(name) : !isIn(target, 'lib'));
    });
  });

  for (const [library, allowed] of Object.entries(users)) {
    it(`uses ${library} in ${allowed.join(' and ')} only`, () => {
      const isUser = (path: string) => allowed.some((user) => isIn(path, user));
      assertNone(([path, { name, target }]) => target === undefined && isIn(name, library) && !isUser(path));
      assert.ok(
        [...files].some(([path, imports]) => isUser(path) && imports.some(({ name }) => isIn(name, library))),
        `nobody imports ${library}`,
      );
    });
  }

  it(`has no file in lib/ of more than ${mostLines} lines`, () => {
    const long = sourcesIn('lib').flatMap((path) => {
      const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
      return lines > mostLines ? [`${path} has ${lines} lines`] : [];
    });
    assert.deepEqual(long, []);
  });

  it('is described: ARCHITECTURE.md names each room', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const isNode = (room: string) => existsSync(join(root, room, `${room.split('/').at(-1)}.html`));
    const folders = Object.keys(arrows).filter((room) => !room.endsWith('.ts'));
    const nodes = folders.filter(isNode);
    const names = folders.map((room) => {
      const node = nodes.find((folder) => room === folder || room === `${folder}/editor`);
      return node === undefined ? room : room.replace(node, 'nodes/<node>');
    });
    const missing = names.filter((name) => !new RegExp(`\`${name}/?\``).test(text));
    assert.deepEqual([...new Set(missing)], []);
  });
});

/** TypeScript and Vue files of a folder, without what others made. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /\.(ts|vue)$/.test(path) && !path.endsWith('.d.ts'))
    .sort();
}

/** The folder, but for files that lie in lib/ itself. */
function roomOf(path: string): string {
  return dirname(path) === 'lib' ? path : dirname(path);
}

function isIn(path: string, folderOrFile: string): boolean {
  return path === folderOrFile || path.startsWith(`${folderOrFile}/`);
}

/** Whether a file is what an entry of `arrows` names. */
function isOf(path: string, allowed: string): boolean {
  return allowed === 'lib' ? isIn(path, 'lib') : path === allowed || roomOf(path) === allowed;
}

function importsOf(path: string, text: string): Import[] {
  const code = text.replace(/^\s*(\/\/|\/\*|\*).*$/gm, '');
  const statements = code.matchAll(/\b(?:import|export)\b([^;'"]*?)\bfrom\s*(['"])(.+?)\2/g);
  const expressions = code.matchAll(/\b(?:import|require)\s*\(\s*(['"])(.+?)\1\s*\)|^import\s*(['"])(.+?)\3/gm);
  return [
    ...[...statements].map(([, what = '', , name = '']) => imported(path, name, isOnlyTypes(what))),
    ...[...expressions].map(([, , called, , bare]) => imported(path, called ?? bare ?? '', false)),
  ];
}

function isOnlyTypes(what: string): boolean {
  const names = what.trim().replace(/^\{|\}$/g, '');
  return /^type\s/.test(what.trim()) || names.split(',').every((name) => /^\s*(type\s.*)?$/s.test(name));
}

function imported(from: string, name: string, onlyTypes: boolean): Import {
  if (!name.startsWith('.')) return { name, target: undefined, onlyTypes };
  const path = join(dirname(from), name.replace(/\?.*/, ''));
  const target = [path, `${path}.ts`, `${path}/index.ts`].find(
    (candidate) => /\.\w+$/.test(candidate) && existsSync(join(root, candidate)),
  );
  assert.ok(target !== undefined, `${from} imports ${name}, which is no file`);
  return { name, target, onlyTypes };
}

/** Fails naming each import for which `isWrong` holds, and the file it is in. */
function assertNone(isWrong: (each: [path: string, imported: Import]) => boolean): void {
  const all = [...files].flatMap(([path, imports]) => imports.map((each): [string, Import] => [path, each]));
  assert.deepEqual(
    all.filter(isWrong).map(([path, { name, onlyTypes }]) => `${path} imports ${onlyTypes ? 'types of ' : ''}${name}`),
    [],
  );
}

/** Chains of imports that end where they began, one for each import that closes one. */
function circles(): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, chain: string[]) => {
    if (chain.includes(path)) found.push([...chain.slice(chain.indexOf(path)), path].join(' -> '));
    if (finished.has(path) || chain.includes(path)) return;
    for (const { target } of files.get(path) ?? []) if (target !== undefined) visit(target, [...chain, path]);
    finished.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}
