export { appErrorOf, type Client, createClient, isAppError } from '@tidemark/api/client';
export { type DefinedWorker, defineWorker, type WorkerDefinition } from './define-worker.ts';
export type { CheckpointReport } from './executors/executor.ts';
export {
  defineHandlers,
  type Handler,
  type HandlerJob,
  type Handlers,
  PermanentError,
  RetryableError,
} from './executors/handlers/define-handlers.ts';
