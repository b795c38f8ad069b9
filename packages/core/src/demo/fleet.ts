import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import { DEMO_WORKERS, type DemoWorker } from './contract.ts';
import type { Span } from './span.ts';

/** The agents a kind may have run on at that time. */
export function workersOf(kind: string, ms: number, span: Span): [DemoWorker, ...DemoWorker[]] {
  const known = DEMO_WORKERS.filter(
    (worker) => worker.kinds.includes(kind) && (worker.left_days_ago === undefined || ms < leftAt(worker, span)),
  );
  const [first, ...rest] = known;
  if (first === undefined) throw new Error(`unreachable: no agent of the demo runs ${kind}`);
  return [first, ...rest];
}

function leftAt(worker: DemoWorker, span: Span): number {
  return worker.left_days_ago === undefined ? span.now : span.now - Math.min(worker.left_days_ago, span.days) * 86_400_000;
}

/** The agents with the session they had; all have signed off, until live traffic brings them back. */
export function planWorkers(span: Span): {
  workers: Partial<Selectable<Database['worker']>>[];
  sessions: Partial<Selectable<Database['worker_session']>>[];
} {
  const workers = DEMO_WORKERS.map((worker) => ({
    id: worker.id,
    name: worker.name,
    worker_type: worker.worker_type,
    version: worker.version,
    host: worker.host,
    isolations: [...worker.isolations],
    kinds: [...worker.kinds],
    queues: [...worker.queues],
    slots: worker.slots,
    labels: { demo: 'true', region: worker.name.includes('-us-') ? 'us' : 'eu' },
    registered_at: span.iso(span.from),
    last_heartbeat_at: span.iso(leftAt(worker, span)),
    stopped_at: span.iso(leftAt(worker, span)),
  }));
  const sessions = workers.map((worker) => ({
    worker_id: worker.id,
    session: 1,
    worker_type: worker.worker_type,
    version: worker.version,
    host: worker.host,
    labels: worker.labels,
    slots: worker.slots,
    started_at: worker.registered_at,
    ended_at: worker.stopped_at,
    end_reason: 'stopped' as const,
  }));
  return { workers, sessions };
}
