// The only file that knows fluent-ffmpeg, as it was archived in May 2025
// (https://github.com/fluent-ffmpeg/node-fluent-ffmpeg) and may have to be replaced.
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

/**
 * The arguments of an ffmpeg run. The caller runs it, with a third pipe and an end it can wait for, which fluent-ffmpeg's own way
 * of running it does not offer. `_getArguments` is how fluent-ffmpeg itself gets them, and part of its published types; there is
 * no other way to have the arguments without running ffmpeg.
 */
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
