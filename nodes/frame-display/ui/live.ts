import { computed } from 'vue';
import type { PictureMeta, Report } from '../protocol';
import { clockText } from './figures';
import { useNow } from './now';
import type { ServerClock } from './server-clock';

/** Where a live picture is. */
export interface LiveStatus {
  isLive: boolean;
  /** How far it is behind, as players write it: 1:19. Empty while it is live. */
  behind: string;
}

type ScreenReport = Report['screens'][number];

/** Ms that a picture may be old, besides the time it stays, to be called live. */
const freshness = 3000;

/** Undefined for a recorded stream. `age`: ms since the picture on screen was captured, where that is known. */
export function liveStatusOf(
  { live, state }: Pick<ScreenReport, 'live' | 'state'>,
  age: number | undefined,
  duration = 0,
): LiveStatus | undefined {
  if (live === undefined) return undefined;
  const isFresh = age === undefined || age <= freshness + 2 * duration;
  const isLive = live === 'present' && state !== 'paused' && isFresh;
  return { isLive, behind: isLive ? '' : clockText(age ?? 0) };
}

/** Whether the picture on a screen is live, from moment to moment. */
export function useLive(
  screen: () => ScreenReport | undefined,
  meta: () => PictureMeta | undefined,
  clock: ServerClock,
) {
  const now = useNow();
  return computed(() => {
    const picture = meta();
    const of = screen();
    if (of === undefined || picture === undefined) return undefined;
    const captured = clock.toLocal(picture.captured);
    return liveStatusOf(of, captured === undefined ? undefined : now.value - captured, picture.duration);
  });
}
