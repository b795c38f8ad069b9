export type { RunningWorker } from '@tidemark/sdk/agent';
export { startWorker, type WorkerOptions } from './start-worker.ts';
