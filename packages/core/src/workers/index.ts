export { heartbeat } from './heartbeat.ts';
export { getWorker, listWorkers } from './list-workers.ts';
export { livenessOf } from './liveness.ts';
export { registerWorker } from './register-worker.ts';
export { WorkerRoster } from './roster.ts';
