import assert from 'node:assert/strict';
import { StreamSelector } from '../../../lib/playout/stream-selector';
import { frameOf } from '../../support/frames';

const of = (stream: string, seq = 0, more = {}) => frameOf(seq, { stream, session: stream, ...more });

describe('StreamSelector', () => {
  it('admits the stream of the name given, whatever its session', () => {
    const selector = new StreamSelector('one');
    assert.equal(selector.admit(of('one')).admitted, true);
    assert.equal(selector.admit(of('one', 0, { session: 'again' })).admitted, true);
    assert.equal(selector.admit(of('two')).admitted, false);
  });

  it('expels a newcomer when the earlier session goes on', () => {
    const selector = new StreamSelector('');
    selector.admit(of('one'));
    assert.deepEqual(selector.admit(of('two')), { admitted: true });
    const { admitted, isExpelled } = selector.admit(of('one', 1));
    assert.equal(admitted, true);
    assert.equal(isExpelled?.(of('two')), true);
    assert.equal(isExpelled?.(of('one')), false);
    assert.equal(selector.admit(of('two', 1)).admitted, false);
  });

  it('lets whoever was put aside come once nothing is left to show', () => {
    const selector = new StreamSelector('');
    selector.admit(of('one'));
    selector.admit(of('two'));
    selector.admit(of('one', 1, { last: true }));
    assert.equal(selector.admit(of('two', 2)).admitted, false);
    selector.noteIdle();
    assert.equal(selector.admit(of('two', 3)).admitted, true);
  });

  it('goes on following what is on screen, whatever else comes by', () => {
    const selector = new StreamSelector('');
    selector.admit(frameOf(0, { session: 'on screen' }));
    selector.noteShown(frameOf(0, { session: 'on screen' }));
    for (let index = 0; index < 100_000; index += 1) selector.admit(frameOf(0, { session: `session ${index}` }));
    assert.equal(selector.admit(frameOf(1, { session: 'on screen' })).admitted, true);
    assert.equal(selector.admit(frameOf(1, { session: 'session 99999' })).admitted, false);
  });
});
