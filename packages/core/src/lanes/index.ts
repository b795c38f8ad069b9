export { LaneDirectory } from './lane-directory.ts';
export { missingFor } from './matches.ts';
export type { Missing } from './matches.ts';
