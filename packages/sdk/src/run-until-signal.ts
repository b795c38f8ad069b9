import type { Logger } from 'pino';
import type { RunningWorker } from './agent/start-agent.ts';

/** Starts a worker and keeps it until SIGTERM or SIGINT, which drains it; a second one hands back at once what is running. */
export async function runUntilSignal(
  start: (signal: AbortSignal) => Promise<RunningWorker>,
  { log, graceMs }: { log: Logger; graceMs: number },
): Promise<void> {
  const early = new AbortController();
  const stopEarly = (): void => early.abort();
  process.on('SIGTERM', stopEarly).on('SIGINT', stopEarly);
  const worker = await start(early.signal).finally(() => process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly));
  if (early.signal.aborted) return worker.stop(0);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) return worker.release();
    isStopping = true;
    log.info({ signal, running: worker.running_count, grace_ms: graceMs }, 'draining');
    worker.stop(graceMs).then(resolve, reject);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  await promise.finally(() => process.off('SIGTERM', onSignal).off('SIGINT', onSignal));
  log.info('stopped');
}
