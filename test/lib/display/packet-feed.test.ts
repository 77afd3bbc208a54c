import assert from 'node:assert/strict';
import { type Packet, PacketChain } from '../../../lib/display/packet-chain';
import { PacketFeed } from '../../../lib/display/packet-feed';
import type { Picture } from '../../../lib/display/picture';
import type { Frame } from '../../../lib/frame/frame';
import { FakeClock } from '../../support/fake-clock';
import { packetFrames } from '../../support/frames';

function setUp(frames: Frame[] = packetFrames(130), bytes = 10) {
  const clock = new FakeClock();
  const line = { isCongested: false };
  const chain = new PacketChain();
  const packets = frames.flatMap((frame) => chain.push({ frame, data: Buffer.alloc(bytes, frame.seq) }) ?? []);
  const shown = [...packets].sort((a, b) => a.frame.pts - b.frame.pts);
  const sent: Picture<string>[] = [];
  const feed = new PacketFeed<string>(
    { send: (picture) => sent.push(picture), isCongested: () => line.isCongested },
    clock,
  );
  /** Shows the `place`-th picture, under that number, counted from 1. */
  const offer = (place: number) => {
    const packet = shown[place] as Packet;
    const { data, frame } = packet;
    feed.offer({ screen: 0, number: place + 1, meta: `${frame.pts}`, data, shown: clock.now(), packet });
  };
  const offerAll = (first: number, last: number) => {
    for (let place = first; place <= last; place += 1) offer(place);
  };
  const packetsSent = () => sent.map(({ packets: infos = [] }) => infos.length);
  return { clock, line, feed, sent, offer, offerAll, packetsSent };
}

describe('PacketFeed', () => {
  it('sends who joins in the middle the group from its key frame, and shows the newest picture of it alone', () => {
    const { sent, offer } = setUp();
    offer(20);
    const [{ packets = [], number, data } = { data: Buffer.alloc(0) }] = sent;
    assert.equal(number, 21);
    assert.deepEqual(
      packets.map(({ key }) => key === true),
      packets.map((_, index) => index === 0),
    );
    assert.equal(packets[0]?.pts, 13 * 40);
    assert.equal(packets[0]?.profile, 'avc1.64001f');
    assert.ok(packets.some(({ pts }) => pts === 20 * 40));
    assert.equal(
      data.length,
      packets.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it('sends every packet once, in decoding order, to who keeps up', () => {
    const { feed, sent, offer } = setUp();
    for (let place = 0; place < 100; place += 1) {
      offer(place);
      feed.acknowledge(place + 1);
    }
    const seqs = [...Buffer.concat(sent.map(({ data }) => data.filter((_, index) => index % 10 === 0)))];
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index),
    );
    assert.equal(sent.length, 100);
  });

  it('has a bounded number of pictures on the way, and sends all packets since with the newest after them', () => {
    const { feed, offerAll, packetsSent, sent } = setUp();
    offerAll(0, 30);
    assert.equal(sent.length, 12);
    feed.acknowledge(12);
    assert.equal(sent.length, 13);
    assert.equal(sent.at(-1)?.number, 31);
    // From the key frame of that picture on; the others of the group before it need not be decoded any more.
    assert.equal(packetsSent().at(-1), 6);
  });

  it('has a bounded number of bytes on the way', () => {
    const { feed, offerAll, sent } = setUp(packetFrames(60, {}, 61), 200 * 1024);
    offerAll(0, 10);
    const before = sent.length;
    assert.ok(before < 8, `${before} pictures`);
    feed.acknowledge(sent.at(-1)?.number as number);
    assert.equal(sent.length, before + 1);
  });

  it('gives who falls behind nothing until the next key frame, and says so once', () => {
    const { feed, offer, offerAll, sent } = setUp(packetFrames(300, {}, 100));
    offerAll(0, 90);
    feed.acknowledge(12);
    assert.deepEqual(
      sent.slice(12).map(({ awaitsKey, data }) => [awaitsKey, data.length]),
      [[true, 0]],
    );
    offerAll(91, 98);
    assert.equal(sent.length, 13);
    offerAll(99, 101);
    assert.equal(sent[13]?.packets?.[0]?.key, true);
    offer(102);
    assert.equal(sent.at(-1)?.packets?.length, 1);
  });

  it('begins anew with the key frame of what is on screen for who comes back', () => {
    const { feed, offer, offerAll, sent } = setUp();
    offerAll(0, 5);
    feed.reset();
    offer(6);
    assert.equal(sent.at(-1)?.packets?.[0]?.pts, 0);
    assert.equal(sent.at(-1)?.packets?.[0]?.key, true);
  });

  it('waits for another key frame where the viewer could not decode what it has', () => {
    const { feed, offer, offerAll, sent } = setUp();
    offerAll(0, 5);
    feed.skipToKey();
    offer(6);
    assert.equal(sent.at(-1)?.awaitsKey, true);
    offerAll(7, 13);
    assert.equal(sent.at(-1)?.packets?.[0]?.pts, 13 * 40);
  });

  it('begins with the next session at its key frame', () => {
    const { feed, sent, offerAll } = setUp();
    offerAll(0, 5);
    const packet = new PacketChain().push({ frame: packetFrames(1)[0] as Frame, data: Buffer.alloc(1) }) as Packet;
    feed.offer({ screen: 0, number: 7, meta: '', data: packet.data, shown: 0, packet });
    assert.equal(sent.at(-1)?.packets?.[0]?.key, true);
  });

  it('waits while the line does not take what it was given', () => {
    const { clock, line, offerAll, sent } = setUp();
    line.isCongested = true;
    offerAll(0, 5);
    clock.advance(1000);
    assert.equal(sent.length, 0);
    line.isCongested = false;
    clock.advance(200);
    assert.deepEqual(
      sent.map(({ number }) => number),
      [6],
    );
  });

  it('sends no picture twice', () => {
    const { offer, sent } = setUp();
    offer(3);
    offer(3);
    assert.equal(sent.length, 1);
  });
});
