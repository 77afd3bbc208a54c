export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface TopicOffset extends TopicPartition {
  offset: bigint;
}

/** A text for maps; no topic's name holds a slash. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
