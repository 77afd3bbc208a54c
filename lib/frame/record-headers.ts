import { isDuration, isProfile, isPts, isSize } from './bounds';
import { type Codec, type Frame, imageCodecs, isVideoCodec, videoCodecs } from './frame';
import { frameName } from './name';

/**
 * A frame's record headers: the CloudEvents Kafka protocol binding, binary content mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
 */
export type RecordHeaders = Record<string, string>;

/** The headers of a frame's record. */
export function toRecordHeaders(frame: Frame): RecordHeaders {
  const headers: RecordHeaders = {
    'content-type': contentTypeOf(frame.codec),
    ce_specversion: '1.0',
    ce_type: 'video.frame',
    ce_source: toUriReference(frame.stream),
    ce_id: `${frame.session}/${frame.seq}`,
    ce_time: new Date(frame.time).toISOString(),
    ce_session: frame.session,
    ce_sequence: String(frame.seq),
    ce_pts: String(frame.pts),
    ce_width: String(frame.width),
    ce_height: String(frame.height),
  };
  if (frame.duration !== undefined) headers.ce_duration = String(frame.duration);
  if (frame.live) headers.ce_live = 'true';
  if (frame.last) headers.ce_last = 'true';
  if (frame.key) headers.ce_key = 'true';
  if (frame.dts !== undefined) headers.ce_dts = String(frame.dts);
  if (frame.profile !== undefined) headers.ce_profile = frame.profile;
  return headers;
}

/** What a record's headers say of its frame: whatever is missing or malformed is left out. */
export function fromRecordHeaders(headers: RecordHeaders): Partial<Frame> {
  const frame: Partial<Frame> = {};
  const stream = headers.ce_source && fromUriReference(headers.ce_source);
  const seq = sequenceOf(headers);
  const pts = numberOf(headers.ce_pts);
  const duration = numberOf(headers.ce_duration);
  const time = Date.parse(headers.ce_time ?? '');
  const width = numberOf(headers.ce_width);
  const height = numberOf(headers.ce_height);
  const codec = codecOf(headers['content-type']);
  if (stream) frame.stream = frameName(stream);
  if (headers.ce_session) frame.session = frameName(headers.ce_session);
  if (seq !== undefined) frame.seq = seq;
  if (isPts(pts)) frame.pts = pts;
  if (isDuration(duration)) frame.duration = duration;
  if (Number.isFinite(time)) frame.time = time;
  if (isSize(width)) frame.width = width;
  if (isSize(height)) frame.height = height;
  if (codec !== undefined) frame.codec = codec;
  if (headers.ce_live === 'true') frame.live = true;
  if (headers.ce_last === 'true') frame.last = true;
  if (codec !== undefined && isVideoCodec(codec)) readCompression(headers, frame);
  return frame;
}

/** Whether a record's headers number its frame within its session. */
export function isNumbered(headers: RecordHeaders): boolean {
  return sequenceOf(headers) !== undefined;
}

function sequenceOf(headers: RecordHeaders): number | undefined {
  const seq = numberOf(headers.ce_sequence);
  return seq !== undefined && Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined;
}

/**
 * A stream id as a URI reference (RFC 3986) that decodes to the identical id. So every `%` is escaped too, even in
 * a URL: otherwise `a b` and `a%20b` would be one stream.
 */
function toUriReference(stream: string): string {
  // Through UTF-8, as the record's key goes: half a surrogate pair becomes U+FFFD, where encodeURI would throw.
  const encoded = encodeURI(Buffer.from(stream).toString()).replaceAll('#', '%23');
  if (/^[a-z][a-z0-9+.-]*:/i.test(encoded)) {
    // The brackets of an IPv6 address are the only ones allowed, and needed.
    return encoded.replace(/\/\/%5B([\da-f:.]+)%5D/i, '//[$1]');
  }
  // Without a scheme, a relative reference must not have a colon in its first segment (RFC 3986, 4.2).
  return encoded.replace(/^[^/]*/, (segment) => segment.replaceAll(':', '%3A'));
}

function fromUriReference(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    return source; // Written by somebody who does not escape: taken as it is.
  }
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function readCompression(headers: RecordHeaders, frame: Partial<Frame>): void {
  const dts = numberOf(headers.ce_dts);
  if (headers.ce_key === 'true') frame.key = true;
  if (isPts(dts)) frame.dts = dts;
  if (isProfile(headers.ce_profile)) frame.profile = headers.ce_profile;
}

/** https://www.iana.org/assignments/media-types: HEVC is called by its ITU number there. */
function contentTypeOf(codec: Codec): string {
  if (!isVideoCodec(codec)) return `image/${codec}`;
  return `video/${codec === 'hevc' ? 'h265' : codec}`;
}

const codecs: ReadonlyMap<string, Codec> = new Map<string, Codec>(
  [...imageCodecs, ...videoCodecs].map((codec) => [contentTypeOf(codec), codec]),
);

/** Media types are compared without regard to case, and may have parameters (RFC 9110, 8.3.1). */
function codecOf(contentType: string | undefined): Codec | undefined {
  return codecs.get((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
}
