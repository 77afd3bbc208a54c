import type { Report } from '../protocol';

/** A place on the bar, as a seek takes it. */
export type Target = number | { session: string; pts: number };

/** A session on the bar, in ms of its video; or a stretch of the topic that was not read yet, in ms since the epoch. */
export interface Block {
  session?: string;
  from: number;
  to: number;
  /** Its share of the bar begins and ends here, 0 to 1. */
  left: number;
  right: number;
}

type Span = NonNullable<Report['sessions']>[number];
type Stretch = Omit<Block, 'left' | 'right'>;

/** Share of the bar that is left between two blocks, and the least that a block has. */
const gap = 0.008;
const leastShare = 0.02;
/** Ms of a topic before its first known session that are not worth a block. */
const worthTelling = 2000;

/**
 * What the bar shows of a topic: the sessions of this stream, and those of others between them, each as long as its video. How
 * long they were apart does not matter. Where several streams are on screen, they have nothing in common but the time.
 */
export function blocksOf({ range, sessions = [], screens }: Pick<Report, 'range' | 'sessions' | 'screens'>): Block[] {
  if (range === undefined || range.end <= range.begin) return [];
  const [screen, ...others] = screens;
  const spans = others.length > 0 ? [] : oneAfterTheOther(sessions, screen?.stream ?? '');
  const stretches = spans.map((span, index) => stretchOf(span, spans[index - 1], spans[index + 1], range));
  return placed([...unreadBefore(spans, range), ...stretches]);
}

/** Where this frame is on the bar, 0 to 1; undefined where it is not. */
export function shareOf(blocks: Block[], { session, pts, time }: { session: string; pts: number; time: number }) {
  const own = blocks.find((block) => block.session === session);
  const block = own ?? blocks.find((each) => each.session === undefined && time >= each.from && time <= each.to);
  if (block === undefined) return undefined;
  const part = ((own === undefined ? time : pts) - block.from) / Math.max(1, block.to - block.from);
  return block.left + Math.min(1, Math.max(0, part)) * (block.right - block.left);
}

/** What is at this share of the bar, or nearest to it. */
export function targetAt(blocks: Block[], share: number): Target | undefined {
  const block = blocks.findLast(({ left }) => left <= share) ?? blocks[0];
  if (block === undefined) return undefined;
  const part = Math.min(1, Math.max(0, (share - block.left) / (block.right - block.left)));
  const at = block.from + part * (block.to - block.from);
  return block.session === undefined ? Math.round(at) : { session: block.session, pts: at };
}

/** So many ms of video from this frame, within its session. */
export function targetFrom(
  blocks: Block[],
  { session, pts }: { session: string; pts: number },
  ms: number,
): Target | undefined {
  const block = blocks.find((each) => each.session === session);
  if (block === undefined) return undefined;
  // Just before the end is its last frame; at the end is what comes after it.
  return { session, pts: Math.max(block.from, Math.min(block.to - 1, pts + ms)) };
}

/** Sessions of the stream, and of others those that ran while none of these did. */
function oneAfterTheOther(sessions: Span[], stream: string): Span[] {
  const taken: Span[] = [];
  const own = sessions.filter((span) => span.stream === stream);
  for (const span of [...own, ...sessions]) {
    const overlaps = (other: Span) => span.begin.time <= other.end.time && other.begin.time <= span.end.time;
    if (!taken.includes(span) && !taken.some(overlaps)) taken.push(span);
  }
  return taken.sort((a, b) => a.begin.time - b.begin.time);
}

/** A session with what may be taken to be of it, before and after what was read. */
function stretchOf(
  span: Span,
  before: Span | undefined,
  after: Span | undefined,
  range: NonNullable<Report['range']>,
): Stretch {
  const { session, begin, end, isOver } = span;
  const pace = Math.max(0.01, span.pace);
  const earliest = Math.max(range.begin, before?.end.time ?? range.begin);
  const unreadBefore = Math.max(0, begin.time - earliest) / pace;
  const unreadAfter = isOver || after !== undefined ? 0 : Math.max(0, range.end - end.time) / pace;
  return { session, from: Math.max(0, Math.min(begin.pts, begin.pts - unreadBefore)), to: end.pts + unreadAfter };
}

/** What lies before the first session that is known, or all where none is. */
function unreadBefore([first]: Span[], { begin, end }: NonNullable<Report['range']>): Stretch[] {
  if (first === undefined) return [{ from: begin, to: end }];
  const to = first.begin.time - first.begin.pts * Math.max(0.01, first.pace);
  return to - begin > worthTelling ? [{ from: begin, to }] : [];
}

function placed(stretches: Stretch[]): Block[] {
  const known = stretches.reduce((sum, { session, from, to }) => sum + (session === undefined ? 0 : to - from), 0);
  // What is not known may be a week: it does not take more than a quarter from what is.
  const lengthOf = ({ session, from, to }: Stretch) =>
    session === undefined && known > 0 ? Math.min(to - from, known / 3) : to - from;
  const total = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0);
  const room = 1 - gap * (stretches.length - 1);
  const shares = stretches.map((stretch) => Math.max(leastShare, total > 0 ? lengthOf(stretch) / total : 1));
  const scale = room / shares.reduce((sum, share) => sum + share, 0);
  let left = 0;
  return stretches.map((stretch, index) => {
    const right = left + (shares[index] as number) * scale;
    const block = { ...stretch, left, right };
    left = right + gap;
    return block;
  });
}
