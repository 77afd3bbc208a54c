import { setImmediate } from 'node:timers/promises';
import { collector } from '../../lib/frame/frame-memory';

/** Of objects that nothing but weak references should lead to: how many are still there after a collection of the whole heap. */
export async function stillHeld(objects: WeakRef<object>[]): Promise<number> {
  const collect = collectorOfTests();
  // What was looked at in this turn is kept until its end.
  await setImmediate();
  collect();
  return objects.filter((object) => object.deref() !== undefined).length;
}

/**
 * The most bytes outside V8's heap that `rounds` calls of `make`, with a collection of young objects after each, left held
 * at any time: what only a collection of the whole heap would free is counted.
 */
export async function heldByYoungCollections(rounds: number, make: (round: number) => Promise<void>): Promise<number> {
  const collect = collectorOfTests();
  collect();
  const before = process.memoryUsage().external;
  let most = 0;
  for (let round = 0; round < rounds; round += 1) {
    await make(round);
    collect({ type: 'minor' });
    most = Math.max(most, process.memoryUsage().external - before);
  }
  return most;
}

function collectorOfTests() {
  const collect = collector();
  if (collect === 'unavailable') throw new Error('This Node.js has no garbage collector to be called.');
  return collect;
}
