import { logLevel } from 'kafkajs';
import type { KafkaCluster } from '../cluster/cluster';
import { protocolErrorType, rootOf } from '../cluster/kafka-error';

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

/** What kafkajs calls errors that the broker does not explain, or that are newer than kafkajs. */
const unexplained = ['UNKNOWN', 'KAFKAJS_UNKNOWN_ERROR_CODE'];

/**
 * Why a group cannot be joined, where the broker's answer does not say: to classic consumers, as those of kafkajs are, a
 * broker gives no clear answer about a group of the newer protocol (KIP-848). It lists such a group, but describes it to them
 * as dead. Gives `thrown` back where that is not the cause.
 */
export async function groupTypeError(cluster: KafkaCluster, groupId: string, thrown: unknown): Promise<unknown> {
  if (!unexplained.includes(protocolErrorType(thrown) ?? '')) return thrown;
  return cluster.withAdmin(async (admin) => {
    const [{ groups: listed }, { groups: described }] = await Promise.all([
      admin.listGroups(),
      admin.describeGroups([groupId]),
    ]);
    const isOfOtherType = listed.some((group) => group.groupId === groupId) && described[0]?.state === 'Dead';
    return isOfOtherType
      ? Object.assign(new Error('group of another type'), { type: 'INCONSISTENT_GROUP_PROTOCOL' })
      : thrown;
  });
}
