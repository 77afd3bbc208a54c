import { root } from '../demo/user-dir';
import { capabilitiesOf } from '../lib/decode/capabilities';
import { decodeArguments } from '../lib/decode/command';
import { findFfmpeg } from '../lib/decode/ffmpeg-lookup';
import { parseOptions } from '../lib/decode/options';
import { probe } from '../lib/decode/probe';
import { resolveSource } from '../lib/decode/source';

/**
 * The command that decodes and encodes as video-source does and throws the result away: `ffmpeg -c:v mjpeg -f null`
 * with the same arguments. What video-source adds is measured against it.
 */
export async function ffmpegFloor(video: string): Promise<{ command: string; args: string[] }> {
  const tools = await findFfmpeg();
  const source = await resolveSource(video, { folders: [root], trusted: true });
  const options = parseOptions({});
  const capabilities = await capabilitiesOf(tools.ffmpeg);
  const args = decodeArguments(source, await probe(tools, source), options, capabilities, 0);
  const format = args.indexOf('tee');
  if (format < 0 || args.length !== format + 2) throw new Error(`not the arguments expected: ${args.join(' ')}`);
  return { command: tools.ffmpeg, args: [...args.slice(0, format), 'null', '-'] };
}
