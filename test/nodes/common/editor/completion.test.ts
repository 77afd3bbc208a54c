import assert from 'node:assert/strict';
import { topicSearch } from '../../../../nodes/common/editor/completion';

describe('the completion of a topic', () => {
  const topics = ['video-frames', 'video-thumbnails', 'sensors'];
  let asked: string[];
  let broker: string;

  const topicsOf = async (id: string) => {
    asked.push(id);
    if (id === 'down') throw new Error('no answer');
    return topics;
  };
  const complete = (search: ReturnType<typeof topicSearch>, typed: string) =>
    new Promise<string[]>((resolve) => search(typed, (found) => resolve(found.map(({ value }) => value))));

  beforeEach(() => {
    asked = [];
    broker = 'a';
  });

  it('offers the topics that contain what was typed', async () => {
    const search = topicSearch(() => broker, topicsOf);
    assert.deepEqual(await complete(search, 'video'), ['video-frames', 'video-thumbnails']);
    assert.deepEqual(await complete(search, 'thumb'), ['video-thumbnails']);
    assert.deepEqual(await complete(search, 'audio'), []);
  });

  it('asks each broker once', async () => {
    const search = topicSearch(() => broker, topicsOf);
    await complete(search, 'v');
    await complete(search, 'vi');
    broker = 'b';
    await complete(search, 'vi');
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('offers nothing while no broker is chosen', async () => {
    const search = topicSearch(() => broker, topicsOf);
    for (broker of ['', '_ADD_']) assert.deepEqual(await complete(search, 'video'), []);
    assert.deepEqual(asked, []);
  });

  it('offers nothing when the broker does not answer', async () => {
    broker = 'down';
    assert.deepEqual(
      await complete(
        topicSearch(() => broker, topicsOf),
        'video',
      ),
      [],
    );
  });
});
