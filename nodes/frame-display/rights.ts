/** What the author of a flow lets viewers do; see `rightsOf`. */
export const viewerModes = ['all', 'own', 'none'] as const;
export type ViewerMode = (typeof viewerModes)[number];

/** What a viewer may do. Node and page go by the same rights: the page hides the rest, the node refuses it. */
export interface Rights {
  /** Change what everybody sees: pause, step, speed, seek and stop, and the stream of a display with one picture. */
  shared: boolean;
  /** Change what this viewer alone sees: one picture of a wall. */
  own: boolean;
  /** Look at it in full screen. */
  fullScreen: boolean;
}

/**
 * `all`: everything. `own`: nothing that others see. `none`: look, and no more. Without controls there is nothing to
 * choose with, but full screen needs none. What is missing is as in flows saved before there was such a property.
 */
export function rightsOf({ controls = true, viewers = 'all' }: { controls?: boolean; viewers?: ViewerMode }): Rights {
  return {
    shared: controls && viewers === 'all',
    own: controls && viewers !== 'none',
    fullScreen: viewers !== 'none',
  };
}

/** Whether a viewer with these rights may do this. On a wall, viewers choose a stream for themselves, so none does it for all. */
export function mayCommand(action: string, rights: Rights, isWall: boolean): boolean {
  return rights.shared && !(isWall && action === 'stream');
}
