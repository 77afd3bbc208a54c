import type { NodeAPI } from 'node-red';
import { defaultQuality } from '../../lib/ffmpeg/options';
import { StreamDecoders, type StreamDecodersOptions } from '../../lib/transcode/stream-decoders';
import { retainPool } from '../common/pool';
import { settingsOf } from '../common/settings';

/** Decoders in the runtime's pool, with the runtime's ffmpeg. Whoever opens them closes them with `close`. */
export function openDecoders(
  RED: NodeAPI,
  options: Pick<StreamDecodersOptions, 'limits' | 'onError'>,
): { decoders: StreamDecoders; close(): Promise<void> } {
  const { pool, release } = retainPool(RED);
  const { ffmpegPath } = settingsOf(RED);
  const decoders = new StreamDecoders({ pool, ffmpegPath, quality: defaultQuality, ...options });
  return {
    decoders,
    async close() {
      await decoders.close();
      await release();
    },
  };
}
