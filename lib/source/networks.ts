import type { Source, Transport } from './source';

const web = 'http,https,httpproxy,tcp,tls,crypto';

/** TCP loses no packets on a busy network. ffmpeg falls back to UDP where a camera does not offer it. */
const preferTcp = ['-rtsp_flags', 'prefer_tcp'];

/** ffmpeg's options for each way an RTSP camera may send. */
export const transportOptions: Record<Transport, string[]> = {
  auto: preferTcp,
  tcp: ['-rtsp_transport', 'tcp'],
  udp: ['-rtsp_transport', 'udp'],
  multicast: ['-rtsp_transport', 'udp_multicast'],
  http: ['-rtsp_transport', 'http'],
};

/** The URL schemes that are sources, and the protocols ffmpeg may open for each. */
export const networks: Record<string, Pick<Source, 'recorded' | 'protocols'>> = {
  http: { recorded: true, protocols: web },
  https: { recorded: true, protocols: web },
  rtsp: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,http,crypto' },
  rtsps: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,crypto' },
  rtmp: { recorded: false, protocols: 'rtmp,rtmpt,tcp,ffrtmphttp,http' },
  rtmps: { recorded: false, protocols: 'rtmps,rtmpts,rtmp,tcp,tls,ffrtmphttp,https' },
  udp: { recorded: false, protocols: 'udp' },
  rtp: { recorded: false, protocols: 'rtp,udp,srtp' },
  srt: { recorded: false, protocols: 'srt' },
  tcp: { recorded: false, protocols: 'tcp' },
};

/** Whether it is opened by HTTP. */
export function isOfWeb({ input }: Pick<Source, 'input'>): boolean {
  return /^https?:/i.test(input);
}

/** What files are called that have an end, and lists of them. */
const recordings =
  /\.(?:mp4|m4v|mov|mkv|webm|avi|wmv|asf|mpg|mpeg|vob|ogv|ogg|3gp|mxf|gif|jpe?g|png|apng|webp|bmp|tiff?|m3u8?|mpd)(?:[?#]|$)/i;

/** Whether a source of the web may well be live, by its URL. */
export function looksLive(source: Pick<Source, 'input'>): boolean {
  return isOfWeb(source) && !recordings.test(source.input);
}

/**
 * A camera of the web, read as nothing but JPEGs, whatever stands between them; undefined where somebody has said how it is to be
 * read. ffmpeg's own reader of what such cameras send wants every picture's type, to the letter. This one holds each picture
 * back until the next one begins.
 */
export function asBareJpegs(source: Source): Source | undefined {
  if (!isOfWeb(source) || source.inputOptions.includes('-f')) return undefined;
  return { ...source, inputOptions: [...source.inputOptions, '-f', 'mjpeg'] };
}
