export { authenticate } from './authenticate.ts';
export type { AuthenticatedKey } from './authenticate.ts';
export { createKey } from './create-key.ts';
export { hasLiveKey, hasWayIn } from './has-live-key.ts';
export { hashSecret, newSecret } from './key-text.ts';
export { listKeys } from './list-keys.ts';
export { ACCESS_TOPIC, readAccessVersion } from './read-access-version.ts';
export { revokeKey } from './revoke-key.ts';
export { getKey, rotateKey } from './rotate-key.ts';
