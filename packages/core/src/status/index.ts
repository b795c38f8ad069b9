export { getBadge } from './get-badge.ts';
export { getPublicStatus } from './get-status.ts';
