import assert from 'node:assert/strict';
import { Payload } from '../../../../lib/kafka/kafkajs-patch/payload';

describe('Payload', () => {
  it('takes heads in front without moving', () => {
    const payload = new Payload(3);
    payload.own.write('end');
    assert.equal(payload.prepend(Buffer.from('middle ')), true);
    assert.equal(payload.prepend(Buffer.from('begin ')), true);
    assert.equal(String(Buffer.concat(payload.pieces())), 'begin middle end');
    assert.equal(payload.size(), 16);
  });

  it('says when a head is too long for it, and stays as it was', () => {
    const payload = new Payload(3);
    payload.own.write('end');
    assert.equal(payload.prepend(Buffer.alloc(10_000)), false);
    assert.equal(String(Buffer.concat(payload.pieces())), 'end');
  });

  it('keeps what is lent to it in its place', () => {
    const payload = new Payload(6);
    payload.own.write('ac');
    payload.lend(1, Buffer.from('b'));
    payload.lend(2, Buffer.from('d'));
    payload.own.write('e end', 2);
    assert.equal(payload.prepend(Buffer.from('> ')), true);
    assert.equal(String(Buffer.concat(payload.pieces())), '> abcde en');
    assert.equal(String(Buffer.concat(payload.pieces(1, 3))), 'bcde');
    assert.equal(payload.size(), 10);
  });
});
