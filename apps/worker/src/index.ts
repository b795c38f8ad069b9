export { defineHandlers, type Handler, type HandlerJob, type Handlers, PermanentError } from './executors/handlers/define-handlers.ts';
export type { CheckpointReport, Completed, Executor, Failed, JobContext, Outcome, StopReason } from './executors/executor.ts';
export { findStop, permanentFailure, StopRequest } from './executors/executor.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './start-worker.ts';
