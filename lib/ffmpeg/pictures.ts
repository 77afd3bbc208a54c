import { VideoError } from '../errors';
import { type Codec, type VideoCodec, videoCodecs } from '../frame/frame';
import type { Source } from '../source/source';
import { deinterlaces } from './filters';
import type { DecodeOptions } from './options';
import type { Probe } from './probe';

const choosesJpeg = 'Choose JPEG pictures';

/** Throws CODEC_UNSUPPORTED where the source's pictures are to be passed on as they are, and are nothing that is shown elsewhere. */
export function checkPictures({ name }: Source, probe: Probe, { pictures }: DecodeOptions): void {
  if (pictures === 'jpeg') return;
  if (probe.codec !== 'mjpeg' && videoCodecOf(probe) === undefined) {
    const codec = probe.codec === '' ? 'of an unknown codec' : probe.codec;
    throw new VideoError(
      'CODEC_UNSUPPORTED',
      `The video in ${name} is ${codec}, which no browser decodes. ${choosesJpeg}`,
    );
  }
  if (probe.rotation !== 0) {
    const what = `The pictures of ${name} are stored turned by ${probe.rotation}°, which only decoding them undoes`;
    throw new VideoError('CODEC_UNSUPPORTED', `${what}. ${choosesJpeg}`);
  }
}

/** The error for packets of which none would do to begin with. */
export function noStartError({ name }: Source): VideoError {
  const what = `The video in ${name} has no picture that a browser can begin with, only ones that build on others before them`;
  return new VideoError('CODEC_UNSUPPORTED', `${what}. ${choosesJpeg}`);
}

/** The error for packets that do not say when they are to be seen. */
export function noTimesError({ name }: Source): VideoError {
  const what = `${name} does not say when its pictures are to be seen, which are stored in another order`;
  return new VideoError('CODEC_UNSUPPORTED', `${what}. ${choosesJpeg}`);
}

/** What the source's own pictures are passed on as, if they are: then they are not encoded again. */
export function copiedCodec(probe: Probe, options: DecodeOptions): Codec | undefined {
  if (options.pictures === 'source') return probe.codec === 'mjpeg' ? 'jpeg' : videoCodecOf(probe);
  return areAsWanted(probe, options) ? 'jpeg' : undefined;
}

/** Whether they are JPEGs already and nothing about them is to change. */
function areAsWanted(probe: Probe, options: DecodeOptions): boolean {
  return (
    probe.codec === 'mjpeg' &&
    probe.rotation === 0 &&
    !deinterlaces(probe, options) &&
    (probe.pixelAspect === 1 || !options.squarePixels) &&
    options.fps === undefined &&
    options.width === undefined &&
    options.height === undefined
  );
}

function videoCodecOf({ codec }: Probe): VideoCodec | undefined {
  return videoCodecs.find((known) => known === codec);
}

/**
 * The bitstream filters that make ffmpeg's packets a byte stream with its parameter sets in it. Where a stream has them beside it,
 * as in RTSP's session description, `dump_extra` puts them in front of key frames.
 */
export function packetFilters(codec: VideoCodec): string[] {
  if (codec !== 'h264' && codec !== 'hevc') return [];
  return ['-bsf:v', `${codec}_mp4toannexb,dump_extra=freq=keyframe`];
}
