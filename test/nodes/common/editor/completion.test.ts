import assert from 'node:assert/strict';
import { topicSearch } from '../../../../nodes/common/editor/completion';

describe('topic completion', () => {
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

  it('suggests topics that contain the typed text', async () => {
    const search = topicSearch(() => broker, topicsOf);
    assert.deepEqual(await complete(search, 'video'), ['video-frames', 'video-thumbnails']);
    assert.deepEqual(await complete(search, 'thumb'), ['video-thumbnails']);
    assert.deepEqual(await complete(search, 'audio'), []);
  });

  it('fetches the topics of each broker once', async () => {
    const search = topicSearch(() => broker, topicsOf);
    await complete(search, 'v');
    await complete(search, 'vi');
    broker = 'b';
    await complete(search, 'vi');
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('suggests nothing while no broker is selected', async () => {
    const search = topicSearch(() => broker, topicsOf);
    for (broker of ['', '_ADD_']) assert.deepEqual(await complete(search, 'video'), []);
    assert.deepEqual(asked, []);
  });

  it('suggests nothing when the topics cannot be fetched', async () => {
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
