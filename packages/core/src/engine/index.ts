export { createCore } from './create-core.ts';
export { markRestored } from './mark-restored.ts';
export type { Core, CoreOptions } from './create-core.ts';
