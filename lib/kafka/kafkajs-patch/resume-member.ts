import type { Cluster } from 'kafkajs';

/** The parts of kafkajs's membership of a group that are used here. */
interface ConsumerGroup {
  cluster: Cluster;
  /** As the broker named it; null before the first join. */
  memberId: string | null;
  joinAndSync(): Promise<unknown>;
}

const resumed = new WeakMap<Cluster, string>();

/**
 * Has the consumer that owns these connections join its group as the member that another one of this process was, which could
 * not leave: else the group waits for that one until its session is over. A member the broker does not know any more is a new one.
 */
export function resumeMember(connections: Cluster, memberId: string): void {
  resumed.set(connections, memberId);
}

/** Makes `resumeMember` work: kafkajs itself always joins as a new member first. */
export function installResumeMember(): void {
  const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { joinAndSync } = prototype;
  prototype.joinAndSync = function () {
    const memberId = resumed.get(this.cluster);
    resumed.delete(this.cluster);
    if (memberId !== undefined) this.memberId ??= memberId;
    return joinAndSync.call(this);
  };
}
