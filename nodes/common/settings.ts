import type { NodeAPI } from 'node-red';

/** What an administrator may set for all nodes, as `kafkaVideo` in Node-RED's settings.js. */
export interface KafkaVideoSettings {
  /** Path of the ffmpeg to use; its ffprobe is looked for beside it. */
  ffmpegPath?: string;
  /** Most worker threads that decode; each serves several sources. */
  decodeThreads: number;
  /** Ms a node may keep a frame before the frame counts as finished. */
  frameDeadline: number;
  /** The only folders videos may be in. Undefined = any. */
  allowedFolders?: string[];
  /** The only hosts videos may come from; `*.example.org` is every host below. Undefined = any. */
  allowedHosts?: string[];
}

const defaults: KafkaVideoSettings = {
  decodeThreads: 2,
  frameDeadline: 60_000,
};

/** The package's settings, defaults filled in. */
export function settingsOf(RED: NodeAPI): KafkaVideoSettings {
  const { kafkaVideo } = RED.settings as { kafkaVideo?: Partial<KafkaVideoSettings> };
  return { ...defaults, ...kafkaVideo };
}
