/**
 * What became of a frame that a source handed out: the flow is `done` with it, or it was `abandoned`, as when the node that held it
 * was removed.
 */
export type FrameOutcome = 'done' | 'abandoned';
