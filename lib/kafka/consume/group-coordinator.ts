import { logLevel } from 'kafkajs';
import type { KafkaCluster } from '../cluster/cluster';
import { rootOf } from '../cluster/kafka-error';

/**
 * Why a group's coordinator cannot be found. kafkajs keeps the broker's answer to itself (cluster/index.js,
 * findGroupCoordinatorMetadata) but for its debug log, so it is asked once more with that log on: a missing right
 * would look like a broker that is away. Gives `thrown` back where there is no better answer.
 */
export async function coordinatorError(cluster: KafkaCluster, groupId: string, thrown: unknown): Promise<unknown> {
  if ((rootOf(thrown) as Error).name !== 'KafkaJSGroupCoordinatorNotFound') return thrown;
  let reason = thrown;
  const client = cluster.client({
    logLevel: logLevel.DEBUG,
    logCreator:
      () =>
      ({ log }) => {
        if (log.groupId === groupId && log.error instanceof Error) reason = log.error;
      },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    await admin.describeGroups([groupId]);
  } catch {
    // It fails as before; what it logged on the way is what counts.
  } finally {
    await admin.disconnect();
  }
  return reason;
}
