import assert from 'node:assert/strict';
import { type Packet, PacketChain } from '../../../lib/display/packet-chain';
import type { Frame } from '../../../lib/frame/frame';
import { frameOf, packetFrames } from '../../support/frames';

function setUp(frames: Frame[] = [], bytes = 10) {
  const chain = new PacketChain();
  const push = (frame: Frame) => chain.push({ frame, data: Buffer.alloc(bytes) });
  return { chain, push, packets: frames.flatMap((frame) => push(frame) ?? []) };
}

const seqs = (packets: Packet[] | undefined) => packets?.map(({ frame }) => frame.seq);
const from = (first: number, last: number) => Array.from({ length: last + 1 - first }, (_, index) => first + index);
/** The picture that is shown as the `place`-th. */
const shownAs = (packets: Packet[], place: number) => packets.find(({ frame }) => frame.pts === place * 40) as Packet;

describe('PacketChain', () => {
  it('gives who has nothing yet all from the key frame on until the picture can be shown', () => {
    const { chain, packets } = setUp(packetFrames(26));
    assert.deepEqual(seqs(chain.packetsTo(shownAs(packets, 15))), from(13, 16));
    assert.deepEqual(seqs(chain.packetsTo(shownAs(packets, 13))), from(13, 14));
  });

  it('gives who has seen those before it what comes with each picture, and each packet once', () => {
    const { chain, packets } = setUp(packetFrames(26));
    let reached = -1;
    const given: number[][] = [];
    for (const place of from(0, 24)) {
      const more = chain.packetsTo(shownAs(packets, place), reached) as Packet[];
      reached = more.at(-1)?.index ?? reached;
      given.push(seqs(more) as number[]);
    }
    assert.deepEqual(given.flat(), from(0, 25));
    assert.deepEqual(given.slice(0, 3), [[0, 1], [2], [3]]);
  });

  it('begins at a later key frame for who is far behind', () => {
    const { chain, packets } = setUp(packetFrames(39));
    assert.deepEqual(seqs(chain.packetsTo(shownAs(packets, 28), 3)), from(26, 29));
  });

  it('takes nothing that cannot be decoded as a packet before it is missing, until the next key frame', () => {
    const { push } = setUp();
    const taken = packetFrames(26)
      .filter(({ seq }) => seq !== 3)
      .filter((frame) => push(frame) !== undefined);
    assert.deepEqual(
      taken.map(({ seq }) => seq),
      [...from(0, 2), ...from(13, 25)],
    );
  });

  it('takes nothing before the first key frame', () => {
    const { push } = setUp();
    const taken = packetFrames(26)
      .slice(5)
      .filter((frame) => push(frame) !== undefined);
    assert.deepEqual(
      taken.map(({ seq }) => seq),
      from(13, 25),
    );
  });

  it('forgets the groups before that of the picture on screen', () => {
    const { chain, packets } = setUp(packetFrames(39));
    chain.forgetBefore(shownAs(packets, 14));
    assert.equal(chain.packetsTo(shownAs(packets, 5)), undefined);
    assert.deepEqual(seqs(chain.packetsTo(shownAs(packets, 13))), from(13, 14));
  });

  it('is bounded in packets: a group that is too long can be followed, but not begun in its middle', () => {
    const { chain, packets } = setUp(packetFrames(3000, {}, 3001));
    const newest = packets.at(-2) as Packet;
    assert.equal(chain.packetsTo(newest), undefined);
    assert.deepEqual(seqs(chain.packetsTo(newest, newest.index - 1)), [2998, 2999]);
    assert.equal(chain.packetsTo(newest, 100), undefined);
  });

  it('is bounded in bytes', () => {
    const { chain, packets } = setUp(packetFrames(13), 2 * 1024 * 1024);
    assert.equal(chain.packetsTo(packets.at(-1) as Packet), undefined);
    assert.equal(chain.packetsTo(packets.at(-1) as Packet, 11)?.length, 1);
  });

  it('ends with what is decoded before a jump within the session', () => {
    const { chain, push } = setUp();
    const before = packetFrames(26)
      .slice(13)
      .map((frame) => push(frame) as Packet);
    for (const frame of packetFrames(13)) push(frame);
    assert.equal(chain.packetsTo(shownAs(before, 25))?.at(-1)?.frame.seq, 25);
  });

  it('takes pictures without a decoding time for decoded when they are shown', () => {
    const { chain, packets } = setUp(
      [0, 1, 2].map((seq) => frameOf(seq, { codec: 'vp9', key: seq === 0 ? true : undefined })),
    );
    assert.deepEqual(seqs(chain.packetsTo(packets[1] as Packet)), [0, 1]);
  });
});
