import assert from 'node:assert/strict';
import { ServerClock } from '../../../../nodes/frame-display/ui/server-clock';

describe('ServerClock', () => {
  it('knows nothing before the first answer', () => {
    const clock = new ServerClock();
    assert.equal(clock.toLocal(1000), undefined);
    assert.equal(clock.roundTrip, undefined);
  });

  it('takes the middle of the round trip for the time of the answer', () => {
    const clock = new ServerClock();
    clock.note(100, 5000, 120);
    assert.equal(clock.toLocal(5000), 110);
    assert.equal(clock.toLocal(5040), 150);
  });

  it('goes by the quickest answer', () => {
    const clock = new ServerClock();
    clock.note(0, 1010, 20);
    clock.note(100, 1101, 102);
    clock.note(200, 1290, 300);
    assert.equal(clock.toLocal(2000), 1000);
    assert.equal(clock.roundTrip, 2);
  });

  it('lets old answers go, as clocks drift', () => {
    const clock = new ServerClock();
    clock.note(0, 1000, 0);
    for (let asked = 1; asked <= 12; asked += 1) clock.note(asked * 100, asked * 100 + 1006, asked * 100 + 10);
    assert.equal(clock.toLocal(3001), 2000);
  });

  it('starts afresh with another server', () => {
    const clock = new ServerClock();
    clock.note(0, 1000, 0);
    clock.reset();
    assert.equal(clock.toLocal(1000), undefined);
  });
});
