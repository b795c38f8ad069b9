export { getQueue, listQueues } from './list-queues.ts';
export { QueueDirectory } from './queue-directory.ts';
export { pauseQueue, resumeQueue, setQueue } from './set-queue.ts';
