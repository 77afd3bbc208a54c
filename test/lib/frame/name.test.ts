import assert from 'node:assert/strict';
import { frameName, sessionKey } from '../../../lib/frame/name';

describe('the name of a stream', () => {
  it('is as it was given, with whatever Kafka can carry', () => {
    for (const name of ['door', '日本語/🎬.mov', 'a\n\u202e\0b\u200b', 'x'.repeat(1024)])
      assert.equal(frameName(name), name);
  });

  it('comes back from Kafka as it went there, and stays another than others', () => {
    const names = ['cam \ud800', 'cam \ud801', 'cam \udc00', 'cam \ufffd', 'cam'].map(frameName);
    assert.deepEqual(
      names.map((name) => Buffer.from(name).toString()),
      names,
    );
    assert.equal(new Set(names).size, names.length);
  });

  it('is cut where it is too long, and stays another than others that begin alike', () => {
    const names = ['🎬'.repeat(600), `${'🎬'.repeat(600)}1`, `x${'🎬'.repeat(600)}`, 's'.repeat(1e6)].map(frameName);
    for (const name of names) {
      assert.ok(name.length <= 1024 && name.length > 1000, `${name.length}`);
      assert.equal(Buffer.from(name).toString(), name);
      assert.equal(frameName(name), name);
    }
    assert.equal(new Set(names).size, names.length);
  });

  it('makes no session of one stream that of another', () => {
    const keys = [
      ['a\nb', 'c'],
      ['a', 'b\nc'],
      ['a","b', 'c'],
      ['a', 'b","c'],
    ].map(([stream = '', session = '']) => sessionKey({ stream, session }));
    assert.equal(new Set(keys).size, keys.length);
  });
});
