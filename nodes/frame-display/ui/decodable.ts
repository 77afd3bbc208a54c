import type { VideoCodec } from '../../../lib/frame/frame';

/** What a stream that does not say more is taken for, as RFC 6381 writes it: what cameras send, at 1080p. */
export const usualProfiles: Record<VideoCodec, string> = {
  ...{ h264: 'avc1.640028', hevc: 'hev1.1.6.L120.B0', av1: 'av01.0.08M.08', vp9: 'vp09.00.40.08', vp8: 'vp8' },
};

/** Ms until a browser that does not say what it can is taken not to. */
const patience = 3000;

/**
 * The compressed video that this page can decode: none where the browser has no decoder for pages (WebCodecs), as on pages that
 * were not loaded by HTTPS nor from this very machine.
 */
export async function decodableCodecs(): Promise<VideoCodec[]> {
  if (!('VideoDecoder' in globalThis)) return [];
  const codecs = Object.keys(usualProfiles) as VideoCodec[];
  const answers = await Promise.all(codecs.map((codec) => Promise.race([isDecodable(codec), later(false)])));
  return codecs.filter((_, index) => answers[index]);
}

async function isDecodable(codec: VideoCodec): Promise<boolean> {
  try {
    return (await VideoDecoder.isConfigSupported({ codec: usualProfiles[codec] })).supported === true;
  } catch {
    // It does not even know what is asked for.
    return false;
  }
}

const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, patience, value));
