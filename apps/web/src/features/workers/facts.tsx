import type { Worker } from '@tidemark/core/workers/contract';
import { formatDuration } from '../../lib/format.ts';
import { Labels } from '../../ui/chip.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Fact, Facts, Panel } from '../../ui/page.tsx';
import { FullMoment } from '../../ui/time.tsx';

const SKEW_SHOWN_MS = 2000;

export function WorkerFacts({ worker }: { worker: Worker }) {
  const skew = worker.clock_skew_ms;
  return (
    <Panel title="Details">
      <Facts>
        <Fact name="Slots in use">
          <Meter label="Slots in use" value={worker.slots_used} max={worker.slots} />
        </Fact>
        <Fact name="Last heartbeat">
          <FullMoment at={worker.last_heartbeat_at} />
        </Fact>
        <Fact name="Registered">
          <FullMoment at={worker.registered_at} />
        </Fact>
        {worker.stopped_at !== null && (
          <Fact name="Stopped">
            <FullMoment at={worker.stopped_at} />
          </Fact>
        )}
        {worker.host !== null && <Fact name="Host">{worker.host}</Fact>}
        <Fact name="Type">{worker.worker_type}</Fact>
        <Fact name="Version">{worker.version}</Fact>
        <Fact name="Kinds">{worker.kinds.join(', ')}</Fact>
        <Fact name="Isolations">{worker.isolations.join(', ')}</Fact>
        <Fact name="Queues">{worker.queues.join(', ')}</Fact>
        <Fact name="Labels">
          <span className="flex flex-wrap gap-1">
            <Labels labels={worker.labels} />
            {Object.keys(worker.labels).length === 0 && <span className="text-ink-mute">none</span>}
          </span>
        </Fact>
        {skew !== null && Math.abs(skew) > SKEW_SHOWN_MS && (
          <Fact name="Clock">
            <span className="text-amber">
              {formatDuration(Math.abs(skew))} {skew > 0 ? 'ahead of' : 'behind'} the server
            </span>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}
