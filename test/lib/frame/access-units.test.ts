import assert from 'node:assert/strict';
import { AccessUnits } from '../../../lib/frame/access-units';
import type { VideoCodec } from '../../../lib/frame/frame';

/** NAL units by what they are, each with a byte that tells it from others of its kind. */
const headers: Partial<Record<VideoCodec, Record<string, number[]>>> = {
  h264: { aud: [9], sps: [0x67], pps: [0x68], sei: [6], idr: [0x65], slice: [0x41] },
  hevc: { aud: [70, 1], vps: [64, 1], sps: [66, 1], pps: [68, 1], sei: [78, 1], idr: [38, 1], slice: [2, 1] },
};

/** `sps1 idr1` as an access unit. */
function unit(codec: VideoCodec, names: string, startCode = [0, 0, 0, 1]): Buffer {
  const nals = names.split(' ').map((name) => {
    const header = headers[codec]?.[name.replace(/\d/, '')] as number[];
    return [...startCode, ...header, 0xa0 + Number(name.at(-1))];
  });
  return Buffer.from(nals.flat());
}

/** What becomes of access units that follow each other. */
function arrange(codec: VideoCodec, ...units: string[]): string[] {
  const arranger = new AccessUnits(codec);
  return units.map((names) => {
    const arranged = arranger.arrange(unit(codec, names));
    const name = (nal: string) => {
      const bytes = [...Buffer.from(nal, 'latin1')];
      const found = Object.entries(headers[codec] ?? {}).find(([, header]) =>
        header.every((byte, at) => byte === bytes[at]),
      );
      return `${found?.[0]}${(bytes.at(-1) ?? 0) - 0xa0}`;
    };
    return arranged.toString('latin1').split('\0\0\0\x01').slice(1).map(name).join(' ');
  });
}

describe('AccessUnits', () => {
  for (const [codec, sets] of [
    ['h264', 'sps1 pps1'],
    ['hevc', 'vps1 sps1 pps1'],
  ] as const) {
    it(`puts parameter sets that came before in front of each key frame that has none: ${codec}`, () => {
      assert.deepEqual(arrange(codec, `${sets} sei1 idr1`, 'slice1', 'sei2 idr2', 'aud3 idr3'), [
        `${sets} sei1 idr1`,
        'slice1',
        `${sets} sei2 idr2`,
        `aud3 ${sets} idr3`,
      ]);
    });

    it(`takes the sets that came last, also between pictures: ${codec}`, () => {
      const changed = sets.replaceAll('1', '2');
      assert.deepEqual(arrange(codec, `${sets} idr1`, `${changed} slice1`, 'idr2').at(-1), `${changed} idr2`);
      assert.deepEqual(arrange(codec, `${sets} idr1`, 'pps3 idr2').at(-1), `${sets.replace('pps1', 'pps3')} idr2`);
    });

    it(`puts the access unit delimiter first: ${codec}`, () => {
      assert.deepEqual(arrange(codec, `${sets} aud1 sei1 idr1`), [`aud1 ${sets} sei1 idr1`]);
      assert.deepEqual(arrange(codec, 'sei1 aud1 slice1'), ['aud1 sei1 slice1']);
    });

    it(`leaves alone what is right, with all of a picture's slices: ${codec}`, () => {
      const arranger = new AccessUnits(codec);
      for (const names of [`aud1 ${sets} sei1 idr1 idr2 idr3`, 'slice1 slice2', 'idr1 idr2']) {
        const given = unit(codec, names, [0, 0, 1]);
        if (names !== 'idr1 idr2') assert.equal(arranger.arrange(given), given);
      }
      const behind = arranger.arrange(unit(codec, 'idr1 idr2'));
      assert.ok(behind.subarray(-unit(codec, 'idr1 idr2').length).equals(unit(codec, 'idr1 idr2')));
    });

    it(`keeps parameter sets in memory of its own, as packets are given away: ${codec}`, () => {
      const arranger = new AccessUnits(codec);
      const given = unit(codec, `${sets} idr1`);
      arranger.arrange(given);
      given.fill(0);
      assert.deepEqual(arranger.arrange(unit(codec, 'idr2')), unit(codec, `${sets} idr2`));
    });
  }

  it('leaves alone what is no byte stream, and other codecs', () => {
    const bytes = Buffer.from([0, 0, 0, 5, 0x65, 1, 2, 3, 4]);
    for (const codec of ['h264', 'hevc', 'vp8', 'vp9', 'av1'] as const) {
      assert.equal(new AccessUnits(codec).arrange(bytes), bytes);
      const empty = Buffer.alloc(0);
      assert.equal(new AccessUnits(codec).arrange(empty), empty);
    }
  });
});
