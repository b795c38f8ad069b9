// Types only: what a browser may import.
export type { ErrorBody, RpcErrorShape } from './errors.ts';
export type { AppRouter, RouterInputs, RouterOutputs } from './router.ts';
