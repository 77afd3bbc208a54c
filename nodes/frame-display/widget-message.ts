import { type VideoCodec, videoCodecs } from '../../lib/frame/frame';
import type { WidgetMessage } from './protocol';

/** Characters of the name a page gives itself: a UUID has 36. */
const maxIdLength = 64;
/** Characters of what a command may carry: the longest is the name of a stream. */
const maxTextLength = 1024;
/** What a viewer may ask for. The topic's range is told by who reads it. */
const viewerActions = ['play', 'pause', 'step', 'stop', 'speed', 'stream', 'seek', 'live', 'replay'];

/**
 * Reads what came from a browser, which may be anything: a message as the widget sends it, with nothing in it that was not
 * checked for type, size and range. Undefined for everything else.
 */
export function parseWidgetMessage(message: unknown): WidgetMessage | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { viewer, visible, screen, decodes, decoded, broken, ping, action, value, bye } = message as Record<
    string,
    unknown
  >;
  if (typeof viewer !== 'string' || viewer === '' || viewer.length > maxIdLength) return undefined;
  if (typeof visible === 'boolean')
    return { viewer, visible, ...(isCount(screen) && { screen }), ...decodesOf(decodes) };
  if (isCount(screen) && isCount(decoded)) return { viewer, screen, decoded };
  if (isCount(screen) && broken === true) return { viewer, screen, broken };
  if (typeof ping === 'number' && Number.isFinite(ping)) return { viewer, ping };
  if (bye === true) return { viewer, bye };
  if (typeof action !== 'string' || !viewerActions.includes(action)) return undefined;
  if (value === undefined || value === null) return { viewer, action };
  if (typeof value === 'number' && Number.isFinite(value)) return { viewer, action, value };
  if (typeof value === 'string' && value.length <= maxTextLength) return { viewer, action, value };
  const moment = action === 'seek' ? parseMoment(value) : undefined;
  return moment === undefined ? undefined : { viewer, action, value: moment };
}

/** Each of the codecs that there are at most once, in our own order. */
function decodesOf(value: unknown): { decodes?: VideoCodec[] } {
  return Array.isArray(value) && value.length <= videoCodecs.length
    ? { decodes: videoCodecs.filter((codec) => value.includes(codec)) }
    : {};
}

/** A moment of a session; see `SeekTarget`. */
function parseMoment(value: unknown): { session: string; pts: number } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { session, pts } = value as Record<string, unknown>;
  if (typeof session !== 'string' || session.length > maxTextLength || !Number.isFinite(pts)) return undefined;
  return { session, pts: pts as number };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
