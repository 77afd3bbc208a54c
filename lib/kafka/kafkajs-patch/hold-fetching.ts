import type { Cluster } from 'kafkajs';

/** The parts of kafkajs's membership of a group that are used here. */
interface ConsumerGroup {
  cluster: Cluster;
  fetch(nodeId: number): Promise<unknown[]>;
}

const conditions = new WeakMap<Cluster, () => Promise<boolean>>();

/**
 * Has the consumer that owns these connections fetch nothing until `mayFetch` resolves true. Each false is followed by a
 * heartbeat, where one is due, and asked again at once: so it takes its time.
 */
export function holdFetching(connections: Cluster, mayFetch: () => Promise<boolean>): void {
  conditions.set(connections, mayFetch);
}

/**
 * Makes `holdFetching` work. kafkajs fetches as soon as it has joined its group, from where the group stopped: whoever wants to
 * go on elsewhere comes too late for that, and megabytes are fetched for nothing.
 */
export function installHoldFetching(): void {
  const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { fetch } = prototype;
  prototype.fetch = async function (nodeId) {
    const mayFetch = conditions.get(this.cluster);
    return mayFetch === undefined || (await mayFetch()) ? fetch.call(this, nodeId) : [];
  };
}
