export { countFailures } from './count-failures.ts';
export type { Sighting } from './count-failures.ts';
export { failureText, fingerprintOf, hasMessage, messageOf } from './fingerprint.ts';
export { foldFailures } from './fold-failures.ts';
export { getFailure, listFailures, setFailure } from './list-failures.ts';
export { pruneFailures } from './prune-failures.ts';
