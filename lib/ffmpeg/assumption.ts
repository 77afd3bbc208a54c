import { isOfWeb } from '../source/networks';
import type { Source } from '../source/source';
import type { RawProbe } from './ffprobe';
import type { DecodeOptions } from './options';
import type { Probe } from './probe';

const video: Probe = {
  format: '',
  streamIndex: 0,
  codec: 'h264',
  pixelFormat: 'yuv420p',
  colorRange: '',
  colorSpace: '',
  colorTransfer: '',
  fieldOrder: '',
  width: 1280,
  height: 720,
  pixelAspect: 1,
  rotation: 0,
  videos: 1,
  video: 0,
  live: true,
  hasClock: true,
};
const jpegs: Probe = { ...video, codec: 'mjpeg', pixelFormat: 'yuvj420p', hasClock: false };
const raw: Probe = { ...video, codec: 'rawvideo', pixelFormat: 'yuyv422' };

/** What is in the URLs by which cameras send JPEGs: `/mjpg/video.mjpg`, `/cgi-bin/video.cgi`, `/?action=stream`. */
const jpegNames = /mjpe?g|jpe?g|\.cgi|action=stream|videostream|video_?feed/i;

/**
 * What a live source that nobody has looked into most probably is, as far as ffmpeg's arguments depend on it. To be wrong costs
 * another connection, and that little where it is JPEGs after all: each of them is a key frame.
 */
export function assume(source: Source, { videoStream }: Pick<DecodeOptions, 'videoStream'>): Probe {
  const likely = source.kind === 'device' ? raw : isOfWeb(source) && jpegNames.test(source.input) ? jpegs : video;
  return { ...likely, video: videoStream };
}

/** The same once it has been looked into for so short a time that no more than the codec may be known. */
export function assumeFrom({ streams = [] }: RawProbe, otherwise: Probe): Probe {
  const codec = streams.find((stream) => stream.codec_type === 'video')?.codec_name;
  return codec === undefined ? otherwise : { ...(codec === 'mjpeg' ? jpegs : video), video: otherwise.video };
}
