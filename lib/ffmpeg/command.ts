import { type Codec, isVideoCodec, type VideoCodec } from '../frame/frame';
import { isOfWeb } from '../source/networks';
import type { Source } from '../source/source';
import type { Capabilities } from './capabilities';
import { keepsFilters, videoFilters } from './filters';
import { commandArguments } from './fluent';
import type { DecodeOptions } from './options';
import { mostPixels } from './picture-size';
import { copiedCodec, packetFilters } from './pictures';
import type { Probe } from './probe';
import { maxQuantiser, quantiserOf } from './quality';
import { isDiscontinuous } from './timestamps';

/** The file descriptor ffmpeg writes the index to, beside the images on stdout. */
export const indexDescriptor = 3;
/**
 * A second one, both ways: it reads its filters from it, where they depend on what it says of the source, or tells there of each
 * packet it has read.
 */
export const extraDescriptor = 4;

/** Seconds ffmpeg looks into a live source that ffprobe or another ffmpeg has described. */
const shortLook = 0.5;

/**
 * ffmpeg's arguments to decode a source from `position` (ms): one encode, written twice by the tee muxer. framecrc comes
 * first, so a frame's size is known before its bytes are written, and the reader can hold ffmpeg between the two.
 */
export function decodeArguments(
  source: Source,
  probe: Probe,
  options: DecodeOptions,
  capabilities: Capabilities,
  position: number,
): string[] {
  const copied = copiedCodec(probe, options);
  return build({
    ...{ source, probe, options, capabilities, position },
    log: ['-loglevel', 'error'],
    look: shortLook,
    filters: copied !== undefined ? [] : videoFilters(probe, options, capabilities),
    stream: String(probe.streamIndex),
    quality: '-q:v',
  });
}

/**
 * The same for a live source that nobody has looked into, so that it need not be connected to a second time: ffmpeg describes it
 * in its log (see `DescriptionReader`), and then waits for its filters, which may depend on that. The rest is as for an
 * `assumed` source, and serves for every one with which it comes out the same. Wants `capabilities.filterFile`.
 * `look`: seconds it may look into the source at most; the less, the sooner frames come where one of its streams is silent.
 */
export function openingArguments(
  source: Source,
  assumed: Probe,
  options: DecodeOptions,
  capabilities: Capabilities,
  look: number,
): string[] {
  return build({
    ...{ source, probe: assumed, options, capabilities, look, position: 0 },
    log: ['-nostats', '-loglevel', 'level+info'],
    filters: 'later',
    // V: a cover picture does not count.
    stream: `V:${assumed.video}`,
    // Does what -q:v does, with a warning, which tells that the description before it is complete.
    quality: '-qscale',
  });
}

interface Command {
  source: Source;
  probe: Probe;
  options: DecodeOptions;
  capabilities: Capabilities;
  /** Ms. */
  position: number;
  log: string[];
  /** Seconds ffmpeg looks into a live source at most. */
  look: number;
  filters: string[] | 'later';
  /** Which stream of the input, as -map takes it. */
  stream: string;
  quality: '-q:v' | '-qscale';
}

function build(command: Command): string[] {
  const { source, probe, options, capabilities, position, look, filters, quality } = command;
  const copied = copiedCodec(probe, options);
  const copy = copied !== undefined;
  return commandArguments({
    input: source.input,
    inputOptions: [
      '-hide_banner',
      '-nostdin',
      ...command.log,
      ...(keepsTimestamps(probe, options) ? ['-copyts', '-start_at_zero'] : []),
      '-protocol_whitelist',
      source.protocols,
      // A stream may change its size at any time.
      '-max_pixels',
      String(mostPixels(probe.codec)),
      // To find out the frame rate would take up to 40 frames.
      ...(source.recorded && source.follow === undefined
        ? []
        : ['-analyzeduration', String(look * 1e6), '-fpsprobesize', '0']),
      ...(source.recorded ? [] : decoderThreads(probe)),
      ...(options.hwaccel === undefined ? [] : ['-hwaccel', options.hwaccel]),
      ...(!copy && keepsFilters(probe) ? ['-reinit_filter', '0'] : []),
      ...rangeOptions(source, options, position),
      ...(isOnWeb(source) ? ['-reconnect', '1', '-reconnect_delay_max', '10'] : []),
      ...source.inputOptions,
    ],
    videoCodec: copy ? 'copy' : 'mjpeg',
    videoFilters: filters === 'later' ? [] : filters,
    outputOptions: [
      '-map',
      `0:${command.stream}`,
      '-sn',
      '-dn',
      ...(copied !== undefined && isVideoCodec(copied) ? packetOptions(copied) : []),
      ...(copy ? [] : [quality, String(quantiserOf(options.quality)), ...encoderOptions(probe, options, capabilities)]),
      // Threads encode pictures side by side, which holds each back for as many as there are.
      ...(copy || source.recorded ? [] : ['-threads', '1']),
      // Later ffmpegs read it when they come to it, so it comes after what tells that the description is complete.
      ...(!copy && filters === 'later' ? [capabilities.filterFile ?? '', `pipe:${extraDescriptor}`] : []),
    ],
    format: 'tee',
    output: teeOutput(muxerOf(copied)),
  });
}

/**
 * Where the tee muxer writes: the index first, then the pictures, by this muxer. Unbuffered, an image is one write instead of one for
 * each 32 KB.
 */
export function teeOutput(muxer: 'image2pipe' | 'data'): string {
  return `[f=framecrc]pipe:${indexDescriptor}|[f=${muxer}:avioflags=direct]pipe:1`;
}

/** The muxer that writes nothing but what it is given. image2pipe would put filters of its own before some codecs. */
function muxerOf(copied: Codec | undefined): 'image2pipe' | 'data' {
  return copied !== undefined && isVideoCodec(copied) ? 'data' : 'image2pipe';
}

/**
 * Whether ffmpeg keeps the source's own timestamps, which a seek would restart at 0. Of packets of a source whose clock may start
 * anew at any time it must not: only where it makes its own does it deal with that.
 */
export function keepsTimestamps(probe: Probe, options: DecodeOptions): boolean {
  return options.pictures === 'jpeg' || !isDiscontinuous(probe);
}

/** For packets: the source's own time base, and decoding times below 0 where there are. */
function packetOptions(codec: VideoCodec): string[] {
  return [...packetFilters(codec), '-copytb', '1', '-avoid_negative_ts', 'disabled'];
}

/** Whether it is a recording on the web, which is read on from where its server hung up. */
export function isOnWeb(source: Source): boolean {
  return source.recorded && isOfWeb(source);
}

function rangeOptions(source: Source, options: DecodeOptions, position: number): string[] {
  const range: string[] = [];
  if (source.recorded && position > 0) range.push('-ss', seconds(position));
  // Where packets end is told by their own times: see `FfmpegRun`.
  if (options.end !== undefined && options.pictures === 'jpeg')
    range.push('-t', seconds(options.end * 1000 - (source.recorded ? position : 0)));
  return range;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

/** Pixels a second that one thread decodes in any case: full HD at 30 frames per second. */
const easyPixelRate = 1920 * 1088 * 30;

/**
 * Of a live source, pictures are not decoded side by side: that would hold each back for as many as there are threads.
 * Where one thread may not be enough, that is the lesser evil.
 */
function decoderThreads({ width, height, fps = 30 }: Probe): string[] {
  return width * height * fps <= easyPixelRate ? ['-thread_type', 'slice'] : [];
}

function encoderOptions({ hasClock }: Probe, options: DecodeOptions, capabilities: Capabilities): string[] {
  const timeBase = hasClock ? capabilities.sourceTimeBase : ['-enc_time_base', '1:1000'];
  return [
    '-qmin',
    '1',
    '-qmax',
    String(maxQuantiser),
    ...capabilities.passthrough,
    // In its default time base, 1/framerate, the encoder rounds the timestamps of a variable rate together and
    // refuses the frames that then coincide. The fps filter makes a constant rate, for which it is exact.
    ...(options.fps === undefined ? timeBase : []),
  ];
}
