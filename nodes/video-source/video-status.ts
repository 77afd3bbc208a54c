import type { Node } from 'node-red';
import type { Progress } from '../../lib/decode/progress';
import type { VideoSourceEvent } from '../../lib/decode/video-source-events';
import { type ErrorCode, VideoError } from '../../lib/errors';
import { showStatus, warn } from '../common/status';

const statusOfError: Partial<Record<ErrorCode, string>> = {
  BAD_OPTION: 'bad setting',
  SOURCE_NOT_FOUND: 'not found',
  SOURCE_NOT_A_FILE: 'not a file',
  SOURCE_UNREADABLE: 'unreadable',
  SOURCE_NO_VIDEO: 'no video in it',
  CODEC_UNSUPPORTED: 'needs JPEG pictures',
  SOURCE_REFUSED: 'not allowed',
  SOURCE_STALLED: 'silent',
  DECODER_CRASHED: 'decoder crashed',
  QUEUE_FULL: 'queue full',
  FFMPEG_MISSING: 'ffmpeg missing',
  FFMPEG_FAILED: 'decoding failed',
};

/** Shows under the node what an event tells; `heldBy`: what holds it meanwhile, if anything does. */
export function showEvent(node: Node, { event, payload }: VideoSourceEvent, heldBy: string | undefined): void {
  if (event === 'opened' || event === 'resumed' || event === 'reconnected') showStatus(node, 'active', 'playing');
  if (event === 'progress' && heldBy !== undefined) showStatus(node, 'held', heldBy);
  else if (event === 'progress') showStatus(node, 'active', `${doneOf(payload)}, ${Math.round(payload.fps)} fps`);
  if (event === 'paused') showStatus(node, 'held', 'paused');
  if (event === 'ended')
    showStatus(node, 'idle', payload.reason === 'stopped' ? 'stopped' : `${payload.frames} frames`);
  if (event === 'reconnecting') showStatus(node, 'waiting', `reconnecting (${payload.attempt})`);
  if (event === 'warning') warn(node, payload.message);
}

function doneOf({ percent, position }: Progress): string {
  return percent === undefined ? `${Math.round(position / 1000)} s` : `${percent} %`;
}

/** A few words for an error, to stand under the node. */
export function statusOf(error: unknown): string {
  return (error instanceof VideoError && statusOfError[error.code]) || 'failed';
}
