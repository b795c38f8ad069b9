export { floorsFor, forgetFloors, noteClaim } from './floors.ts';
export { LaneDirectory } from './lane-directory.ts';
export { isLimited, isWithin } from './limits.ts';
export type { LaneLimits } from './limits.ts';
export { missingFor } from './matches.ts';
export type { Missing } from './matches.ts';
