export { announceKinds, checkPayloads } from './check-payloads.ts';
export { recordKindSchemas } from './record-kind-schemas.ts';
