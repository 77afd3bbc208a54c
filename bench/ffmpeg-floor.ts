import { root } from '../demo/user-dir';
import { capabilitiesOf } from '../lib/ffmpeg/capabilities';
import { decodeArguments } from '../lib/ffmpeg/command';
import { findFfmpeg } from '../lib/ffmpeg/lookup';
import { parseOptions } from '../lib/ffmpeg/options';
import { probe } from '../lib/ffmpeg/probe';
import { resolveSource } from '../lib/source/resolve';

/**
 * The command that decodes and encodes with video-source's own arguments and throws the result away: what video-source
 * adds is measured against it. `plain` is `ffmpeg -c:v mjpeg -f null` as anybody would write it; `best` has
 * video-source's filters as well, which are faster than the conversion ffmpeg puts in by itself.
 */
export async function ffmpegFloor(
  video: string,
  filters: 'plain' | 'best' = 'best',
): Promise<{ command: string; args: string[] }> {
  const tools = await findFfmpeg();
  const source = await resolveSource(video, { folders: [root], trusted: true });
  const options = parseOptions({});
  const capabilities = await capabilitiesOf(tools.ffmpeg);
  const args = decodeArguments(source, await probe(tools, source), options, capabilities, 0);
  const format = args.indexOf('tee');
  if (format < 0 || args.length !== format + 2) throw new Error(`not the arguments expected: ${args.join(' ')}`);
  args.splice(format, 2, 'null', '-');
  const filter = args.indexOf('-filter:v');
  if (filters === 'plain' && filter >= 0) args.splice(filter, 2);
  return { command: tools.ffmpeg, args };
}
