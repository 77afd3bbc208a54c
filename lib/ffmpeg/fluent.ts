// The only file that knows fluent-ffmpeg: it was archived in May 2025
// (https://github.com/fluent-ffmpeg/node-fluent-ffmpeg), so what would replace it has one place to go.
import ffmpeg from 'fluent-ffmpeg';

export interface CommandParts {
  input: string;
  inputOptions: string[];
  videoCodec: string;
  videoFilters: string[];
  outputOptions: string[];
  format: string;
  output: string;
}

/** Assembles the arguments of an ffmpeg run; running it is the caller's. */
export function commandArguments(parts: CommandParts): string[] {
  const command = ffmpeg(parts.input)
    .inputOptions(...asList(parts.inputOptions))
    .noAudio()
    .videoCodec(parts.videoCodec)
    .outputOptions(...asList(parts.outputOptions))
    .format(parts.format)
    .output(parts.output);
  if (parts.videoFilters.length > 0) command.videoFilters(parts.videoFilters);
  return command._getArguments();
}

/** fluent-ffmpeg splits a lone argument at its spaces, but not one of several. */
function asList(options: string[]): string[] {
  if (options.length < 2) throw new RangeError('fluent-ffmpeg would split a lone option at its spaces');
  return options;
}
