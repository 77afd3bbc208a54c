import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Of objects that nothing but weak references should lead to: how many are still there after a collection of the whole heap. */
export async function stillHeld(objects: WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as () => void;
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
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as (options?: { type: 'minor' }) => void;
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
