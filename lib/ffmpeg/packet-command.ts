import type { VideoCodec } from '../frame/frame';
import type { Capabilities } from './capabilities';
import { extraDescriptor, teeOutput } from './command';
import { commandArguments } from './fluent';
import { mostPixels } from './picture-size';
import { maxQuantiser, quantiserOf } from './quality';

/** Packets of one video that come one by one. */
export interface PacketStream {
  codec: VideoCodec;
  /** Pixels. Pictures that come in another size are fitted into this one. */
  width: number;
  height: number;
  /** Whether pictures are decoded in another order than they are shown. */
  isReordered: boolean;
}

/**
 * ffmpeg's arguments to make JPEGs of `quality` (1-100) of packets that come on its stdin as Matroska, in ticks of a microsecond,
 * which their pictures keep. Nothing is held back for longer than decoding takes. The pictures come as in `decodeArguments`; the
 * extra descriptor gets a line for each packet that was read.
 */
export function packetArguments(stream: PacketStream, quality: number, capabilities: Capabilities): string[] {
  const pictures = commandArguments({
    input: 'pipe:0',
    inputOptions: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
      // All that is read is in the pipe.
      ...['-protocol_whitelist', 'pipe', '-f', 'matroska'],
      '-copyts',
      // The first packet is all there is to look into.
      ...['-probesize', '32', '-analyzeduration', '1', '-fpsprobesize', '0'],
      // Threads that decode pictures side by side hold each back for as many as there are.
      ...['-thread_type', 'slice', ...decoderOptions(stream)],
      ...['-max_pixels', String(mostPixels(stream.codec)), '-reinit_filter', '0'],
    ],
    videoCodec: 'mjpeg',
    videoFilters: pictureFilters(stream),
    outputOptions: [
      ...['-map', '0:v:0', '-q:v', String(quantiserOf(quality)), '-qmin', '1', '-qmax', String(maxQuantiser)],
      ...['-threads', '1', ...capabilities.passthrough, ...capabilities.sourceTimeBase],
      // Damage is a matter of single pictures, however many.
      ...['-max_error_rate', '1'],
    ],
    format: 'tee',
    output: teeOutput('image2pipe'),
  });
  const read = ['-map', '0:v:0', '-c', 'copy', '-copyinkf', '-f', 'framecrc', `pipe:${extraDescriptor}`];
  return [...pictures, ...read];
}

function decoderOptions({ codec, isReordered }: PacketStream): string[] {
  switch (codec) {
    case 'h264':
      // Where H.264 does not say how far it reorders, ffmpeg finds out as it goes and loses pictures, unless it is strict.
      return isReordered ? ['-strict', 'strict'] : [];
    case 'hevc':
      return [];
    default:
      // The others put pictures in order by packets that only repeat one: dav1d holds one back all the same.
      return ['-flags', 'low_delay'];
  }
}

function pictureFilters({ width, height }: PacketStream): string[] {
  const isEven = width % 2 === 0 && height % 2 === 0;
  return [
    // The encoder fails for good where time does not grow, as that of damaged pictures may not.
    "setpts='if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))'",
    `scale=w=${width}:h=${height}:eval=frame${isEven ? ':force_original_aspect_ratio=decrease' : ''}`,
    ...(isEven ? [`pad=w=${width}:h=${height}:x=(ow-iw)/2:y=(oh-ih)/2:eval=frame`] : []),
    // JPEG decoders know BT.601 only.
    'scale=out_color_matrix=bt601',
  ];
}
