import type { RawProbe, RawStream } from './ffprobe';

/** What ffmpeg says next once it has described its input: see `openingArguments`. */
const afterwards = /^(?:Please use -q:a or -q:v|Stream mapping:|Output #0)/;

/** ffmpeg's words for which field of a frame comes first; ffprobe's are shorter. */
const fieldOrders: Record<string, string> = {
  progressive: 'progressive',
  'top first': 'tt',
  'bottom first': 'bb',
  'top coded first (swapped)': 'tb',
  'bottom coded first (swapped)': 'bt',
};

/**
 * Reads from ffmpeg's log what is in its input, as ffprobe would say it: `Input #0, flv, from 'url':`, then lines as
 * `Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 640x360 [SAR 1:1 DAR 16:9], 25 fps, 25 tbr, 1k tbn`.
 * They have kept their form from ffmpeg 2 on: see avcodec_string() and av_dump_format().
 */
export class DescriptionReader {
  #raw: RawProbe | undefined;
  readonly #streams = new Map<number, RawStream>();
  #last: RawStream | undefined;

  /** What there was of it so far. */
  get description(): RawProbe | undefined {
    const streams = [...this.#streams.values()].sort((a, b) => a.index - b.index);
    return this.#raw && { ...this.#raw, streams };
  }

  /** Takes a line; the whole description when that line comes after it. */
  push(line: string): RawProbe | undefined {
    if (afterwards.test(line)) return this.description;
    const [, format] = /^Input #0, (.+), from '/.exec(line) ?? [];
    if (format !== undefined) this.#raw = { format: { format_name: format } };
    if (this.#raw === undefined) return undefined;
    const duration = /^ {2}Duration: (\d+):(\d+):([\d.]+)/.exec(line);
    if (duration !== null) {
      const [hours, minutes, seconds] = duration.slice(1).map(Number) as [number, number, number];
      this.#raw = { format: { ...this.#raw.format, duration: String((hours * 60 + minutes) * 60 + seconds) } };
    }
    // What follows is the programme's, until its first stream comes.
    if (/^ {2}Program \d/.test(line)) this.#last = undefined;
    const stream = readStream(line);
    if (stream !== undefined) {
      this.#last = stream;
      this.#streams.set(stream.index, stream);
    }
    const [, rotation] = /^\s+displaymatrix: rotation of (-?[\d.]+) degrees/.exec(line) ?? [];
    if (rotation !== undefined && this.#last !== undefined) {
      this.#last.side_data_list = [{ rotation: Number(rotation) }];
    }
    const [, bitrate] = /^\s+variant_bitrate\s*: (\d+)$/.exec(line) ?? [];
    if (bitrate !== undefined && this.#last !== undefined) this.#last.tags = { variant_bitrate: bitrate };
    return undefined;
  }
}

function readStream(line: string): RawStream | undefined {
  const [, index, type, codec, rest = ''] = /^\s+Stream #0:(\d+)\S*: (\w+): (\w+)(.*)$/.exec(line) ?? [];
  if (index === undefined || type === undefined) return undefined;
  const stream: RawStream = { index: Number(index), codec_type: type.toLowerCase(), codec_name: codec };
  if (stream.codec_type !== 'video') return stream;
  const [, pixelFormat, , inBrackets = ''] = /, (\w+)(\(([^)]*(?:\(swapped\))?)\))?(?:, |$)/.exec(rest) ?? [];
  const [, width, height] = /, (\d+)x(\d+)/.exec(rest) ?? [];
  // The container's, which counts, comes after the codec's.
  const aspect = [...rest.matchAll(/SAR (\d+:\d+)/g)].at(-1)?.[1];
  const rate = (unit: string) => new RegExp(`, ([\\d.]+) ${unit}`).exec(rest)?.[1];
  return {
    ...stream,
    ...(pixelFormat === undefined || pixelFormat === 'none' ? {} : { pix_fmt: pixelFormat }),
    ...readColours(inBrackets),
    ...(width === undefined ? {} : { width: Number(width), height: Number(height) }),
    ...(aspect === undefined ? {} : { sample_aspect_ratio: aspect }),
    avg_frame_rate: `${rate('fps') ?? 0}/1`,
    r_frame_rate: `${rate('tbr') ?? 0}/1`,
    disposition: { attached_pic: /\(attached pic\)/.test(rest) ? 1 : 0 },
  };
}

/** What stands in brackets behind a pixel format: `tv, bt709, progressive` or `pc, bt470bg/unknown/unknown`. */
function readColours(words: string): Partial<RawStream> {
  const found: Partial<RawStream> = {};
  for (const word of words.split(', ')) {
    if (word === 'tv' || word === 'pc') found.color_range = word;
    else if (fieldOrders[word] !== undefined) found.field_order = fieldOrders[word];
    else if (/^[\w-]+(?:\/[\w-]+\/[\w-]+)?$/.test(word)) {
      // One name stands for all three: matrix, primaries, transfer.
      const [space, , transfer] = word.split('/');
      if (space !== 'unknown') found.color_space = space;
      if (transfer !== 'unknown') found.color_transfer = transfer ?? space;
    }
  }
  return found;
}
