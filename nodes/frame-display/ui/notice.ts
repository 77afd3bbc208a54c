import type { Report } from '../protocol';

/** What there is to say about a picture, and how it looks. */
export interface Notice {
  kind: 'lost' | 'error' | 'busy' | 'paused' | 'ended';
  icon: string;
  text: string;
  /** What may be done about it, for those who see no picture. */
  hint?: string;
}

const ofState: Partial<Record<Report['state'], Notice>> = {
  waiting: { kind: 'busy', icon: '', text: 'Waiting for video' },
  buffering: { kind: 'busy', icon: '', text: 'Buffering' },
  paused: { kind: 'paused', icon: 'mdi-pause', text: 'Paused' },
  ended: { kind: 'ended', icon: 'mdi-flag-checkered', text: 'Ended' },
};

/** Undefined while the picture speaks for itself. */
export function noticeOf(
  isConnected: boolean,
  broken: string,
  { state, problem }: { state: Report['state']; problem?: string },
  /** How far a live picture is behind, as clocks tell it; empty where it is not. */
  behind = '',
): Notice | undefined {
  if (!isConnected) {
    return {
      ...{ kind: 'lost', icon: 'mdi-lan-disconnect', text: 'Connection lost' },
      hint: 'Trying again. The picture comes back by itself.',
    };
  }
  if (broken) return { kind: 'error', icon: 'mdi-image-broken-variant', text: broken };
  if (problem) {
    return {
      ...{ kind: 'error', icon: 'mdi-alert-outline', text: problem },
      hint: 'It goes on by itself when frames come.',
    };
  }
  const notice = ofState[state];
  return state === 'paused' && notice && behind ? { ...notice, text: `Paused, ${behind} behind live` } : notice;
}
