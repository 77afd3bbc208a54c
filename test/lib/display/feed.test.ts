import assert from 'node:assert/strict';
import { Feed } from '../../../lib/display/feed';
import { FakeClock } from '../../support/fake-clock';

function setUp() {
  const clock = new FakeClock();
  const sent: { number: number; at: number }[] = [];
  const feed = new Feed<string>({ send: ({ number }) => sent.push({ number, at: clock.now() }) }, clock);
  const offer = (number: number) =>
    feed.offer({ screen: 0, number, meta: 'meta', data: Buffer.alloc(0), shown: clock.now() });
  return { clock, feed, sent, offer };
}

/** A line that carries one picture at a time, in `transmission` ms, and takes `delay` ms each way. */
function playOver({ transmission, delay }: { transmission: number; delay: number }, ms: number) {
  const { clock, feed, sent, offer } = setUp();
  const latencies: number[] = [];
  let freeAt = 0;
  let travelling = 0;
  for (let time = 0, number = 1; time < ms; time += 1) {
    if (time % 33 === 0) offer(number++);
    for (; travelling < sent.length; travelling += 1) {
      const picture = sent[travelling] as (typeof sent)[0];
      freeAt = Math.max(freeAt, clock.now()) + transmission;
      const arrives = freeAt + delay;
      clock.setTimeout(() => latencies.push(clock.now() - picture.at), arrives - clock.now());
      clock.setTimeout(() => feed.acknowledge(picture.number), arrives + delay - clock.now());
    }
    clock.advance(1);
  }
  return latencies;
}

describe('Feed', () => {
  it('sends the first picture alone, and from its acknowledgement on two at a time', () => {
    const { feed, sent, offer } = setUp();
    for (const number of [1, 2, 3]) offer(number);
    assert.deepEqual(sent, [{ number: 1, at: 0 }]);
    feed.acknowledge(1);
    for (const number of [4, 5]) offer(number);
    assert.deepEqual(
      sent.map(({ number }) => number),
      [1, 3, 4],
    );
  });

  it('sends the second picture when the first has been on the way for half as long as the last one took', () => {
    const { clock, feed, sent, offer } = setUp();
    offer(1);
    clock.advance(300);
    feed.acknowledge(1);
    offer(2);
    clock.advance(100);
    offer(3);
    clock.advance(40);
    offer(4);
    clock.advance(10);
    assert.deepEqual(sent, [
      { number: 1, at: 0 },
      { number: 2, at: 300 },
      { number: 4, at: 450 },
    ]);
  });

  it('goes on when the first picture is never acknowledged', () => {
    const { clock, sent, offer } = setUp();
    offer(1);
    offer(2);
    clock.advance(1000);
    assert.deepEqual(
      sent.map(({ number }) => number),
      [1, 2],
    );
  });

  it('keeps pictures fresh on a slow line: none waits for long behind another', () => {
    const latencies = playOver({ transmission: 130, delay: 100 }, 60_000);
    assert.ok(Math.max(...latencies) <= 235, `a picture took ${Math.max(...latencies)} ms`);
    // One at a time would be 2.8 a second.
    assert.ok(latencies.length / 60 > 5, `${latencies.length / 60} pictures a second`);
  });

  it('keeps a line busy that is slow but near', () => {
    const latencies = playOver({ transmission: 130, delay: 5 }, 60_000);
    assert.ok(latencies.length / 60 > 7.5, `${latencies.length / 60} pictures a second of 7.7 possible`);
    assert.ok(Math.max(...latencies) <= 270, `a picture took ${Math.max(...latencies)} ms`);
  });

  it('sends every picture where the line is quick', () => {
    assert.equal(playOver({ transmission: 3, delay: 1 }, 33_000).length, 1000);
  });

  it('sends nothing that waited once it is reset', () => {
    const { clock, feed, sent, offer } = setUp();
    offer(1);
    clock.advance(100);
    feed.acknowledge(1);
    offer(2);
    offer(3);
    feed.reset();
    clock.advance(1000);
    assert.equal(clock.pending, 0);
    assert.deepEqual(
      sent.map(({ number }) => number),
      [1, 2],
    );
  });
});
