import { AssignerProtocol } from 'kafkajs';
import type { KafkaCluster } from '../cluster/cluster';
import { partitionsOf, type TopicPartition } from '../cluster/topic-partition';

/** A member of a consumer group that has partitions to read. */
export interface PartitionOwner {
  /** As its user named it; many may have the same. */
  clientId: string;
  /** Name or address. */
  host: string;
  partitions: TopicPartition[];
}

/** Who has the partitions of a group; nobody where the broker does not say, as it only serves to explain. */
export async function partitionOwners(cluster: KafkaCluster, group: string): Promise<PartitionOwner[]> {
  try {
    const { groups } = await cluster.withAdmin((admin) => admin.describeGroups([group]));
    return (groups[0]?.members ?? [])
      .map(({ clientId, clientHost, memberAssignment }) => ({
        clientId,
        // Java writes addresses as "/10.0.0.1".
        host: clientHost.replace(/^\//, ''),
        partitions: partitionsOf(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}),
      }))
      .filter(({ partitions }) => partitions.length > 0);
  } catch {
    return [];
  }
}
