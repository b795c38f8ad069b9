import type { Logger } from 'pino';
import type { LeaseHolder, Leases } from './leases.ts';
import type { Reporter } from './reporter.ts';
import type { OutcomeItem, StateDir } from './state-dir.ts';

interface ReplayOptions {
  state: StateDir;
  log: Logger;
  reporter: Reporter;
  leases: Leases;
  lease_ms: number;
}

/** Tells an outcome of an earlier life with the same request id: if the server has it already, it gives the same answer. */
export function replayOutcome(item: OutcomeItem, options: ReplayOptions): void {
  const { state, log, reporter, leases, lease_ms } = options;
  const { job_id, lease_epoch } = item;
  const holder: LeaseHolder = {
    job_id,
    lease_epoch,
    lease_ms,
    current_progress: undefined,
    is_executing: false,
    onLost: () => undefined,
    onCancel: () => undefined,
  };
  leases.add(holder, performance.now());
  reporter.add(item, (result) => {
    leases.remove(holder);
    if (!result.ok)
      log.warn({ job_id, lease_epoch, code: result.code }, `an outcome of an earlier run was refused: ${result.message ?? ''}`);
    state.dropOutcome(item).catch((error: unknown) => log.error({ err: error }, 'a reported outcome could not be removed'));
  });
}
