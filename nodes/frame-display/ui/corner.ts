/** The corner of the picture that things are laid over. */
export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
