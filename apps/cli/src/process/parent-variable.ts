/** Tells a child which process started it. */
export const PARENT_VARIABLE = 'TIDEMARK_PARENT_PID';
