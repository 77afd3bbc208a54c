import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { keyOf, type TopicPartition } from '../cluster/topic-partition';

export interface Claim extends TopicPartition {
  /** Ms since the epoch when it was assigned: of two claims the later one counts. */
  since: number;
}

export interface Claimant {
  id: string;
  topics: readonly string[];
  claims: readonly Claim[];
}

/**
 * Shares partitions among the members of a group so that each keeps what it has, as far as that is fair: what a member
 * keeps it goes on reading where it was, with its frames still in the flow. kafkajs's own assigner redistributes
 * all partitions each time, and frames that were in the flow of a partition's former owner are repeated by the new one.
 */
export function stickyAssigner(claims: () => Claim[]): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = AssignerProtocol;
  return ({ cluster }) => ({
    name: 'KafkaVideoStickyAssigner',
    version: 1,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(claims()));
      return { name: this.name, metadata: MemberMetadata.encode({ version: this.version, topics, userData }) };
    },
    async assign({ members, topics }) {
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })),
      );
      const claimants = members.map(({ memberId: id, memberMetadata }) => {
        const metadata = MemberMetadata.decode(memberMetadata);
        return { id, topics: metadata?.topics ?? topics, claims: claimsIn(metadata?.userData) };
      });
      return [...share(partitions, claimants)].map(([memberId, shared]) => {
        const assignment: Record<string, number[]> = {};
        for (const { topic, partition } of shared) {
          assignment[topic] ??= [];
          assignment[topic].push(partition);
        }
        const memberAssignment = MemberAssignment.encode({
          version: this.version,
          assignment,
          userData: Buffer.alloc(0),
        });
        return { memberId, memberAssignment };
      });
    },
  });
}

/** Who gets what. Every partition goes to one of the members that subscribe to its topic, nobody has two more than another. */
export function share(
  partitions: readonly TopicPartition[],
  members: readonly Claimant[],
): Map<string, TopicPartition[]> {
  const shares = new Map(members.map(({ id }) => [id, [] as TopicPartition[]]));
  const shareOf = ({ id }: Claimant) => shares.get(id) as TopicPartition[];
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const most = Math.ceil(partitions.length / Math.max(members.length, 1));

  const owners = new Map<string, { member: Claimant; since: number }>();
  for (const member of sorted) {
    for (const claim of member.claims) {
      const other = owners.get(keyOf(claim));
      if (other === undefined || other.since < claim.since) owners.set(keyOf(claim), { member, since: claim.since });
    }
  }
  const left: TopicPartition[] = [];
  for (const partition of partitions) {
    const owner = owners.get(keyOf(partition))?.member;
    const keeps = owner?.topics.includes(partition.topic) && shareOf(owner).length < most;
    if (owner !== undefined && keeps) shareOf(owner).push(partition);
    else left.push(partition);
  }
  for (const partition of left) {
    const [poorest] = sorted
      .filter(({ topics }) => topics.includes(partition.topic))
      .sort((a, b) => shareOf(a).length - shareOf(b).length);
    if (poorest !== undefined) shareOf(poorest).push(partition);
  }
  balance();
  return shares;

  /** Those who kept as much as anybody may have give to those who got less than their due. */
  function balance(): void {
    for (;;) {
      const byShare = [...sorted].sort((a, b) => shareOf(a).length - shareOf(b).length);
      const poorest = byShare[0];
      const richest = byShare.at(-1);
      if (poorest === undefined || richest === undefined) return;
      if (shareOf(richest).length - shareOf(poorest).length < 2) return;
      const index = shareOf(richest).findLastIndex(({ topic }) => poorest.topics.includes(topic));
      if (index < 0) return;
      shareOf(poorest).push(...shareOf(richest).splice(index, 1));
    }
  }
}

/** None from a member whose data is not ours to read. */
function claimsIn(userData: Buffer | undefined): Claim[] {
  try {
    const claims = JSON.parse(userData?.toString() ?? '[]');
    return Array.isArray(claims) ? claims : [];
  } catch {
    return [];
  }
}
