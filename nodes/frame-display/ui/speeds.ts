/** The speeds the control bar offers and the + and - keys step through. */
export const speeds = [0.25, 0.5, 1, 1.5, 2, 4, 8, 16];
