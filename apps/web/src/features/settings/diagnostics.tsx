import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { Worker } from '@tidemark/core/workers/contract';
import { downloadText } from '../../lib/clipboard.ts';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { serverPath } from '../../lib/server-path.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';

/** What `/readyz` says, also when it says no. */
async function readReadiness(): Promise<unknown> {
  const response = await fetch(serverPath('/readyz'));
  return { http_status: response.status, answer: (await response.json().catch(() => null)) as unknown };
}

function summaryOf({ worker_type, version, liveness, isolations, kinds, slots, slots_used, last_heartbeat_at }: Worker) {
  return { worker_type, version, liveness, isolations, kinds, slots, slots_used, last_heartbeat_at };
}

/** What somebody who helps has to know. Only what is named here leaves: no address, name, payload, output, key or setting. */
async function collect(): Promise<string> {
  const [system, ready, stats, queue, { items }] = await Promise.all([
    client.system.get.query({}),
    readReadiness(),
    client.workloads.stats.query({}),
    client.publishing.stats.queue.query({}),
    client.workers.list.query({ limit: 500 }),
  ]);
  const workers = items.map(summaryOf);
  const browser = {
    user_agent: navigator.userAgent,
    language: navigator.language,
    is_secure: window.isSecureContext,
    clock_ahead_ms: Date.now() - Math.round(serverNow()),
  };
  return `${JSON.stringify({ collected_at: new Date(serverNow()).toISOString(), system, ready, stats, queue, workers, browser }, null, 2)}\n`;
}

/** One file for a report of a problem, and what is in it. */
export function Diagnostics() {
  const save = useMutation({
    mutationFn: collect,
    onSuccess: (text) => downloadText('tidemark-diagnostics.json', text),
  });
  return (
    <Panel title="Diagnostics">
      <div className="flex flex-col items-start gap-3 px-4 py-4 text-sm">
        {save.error !== null && <FailureStrip what="Nothing was saved." failure={toFailure(save.error)} />}
        <p className="text-ink-soft">
          For a report of a problem: versions, sizes of tables, readiness, counts, and the state of each worker. No names, addresses,
          payloads, outputs, keys or settings. <span className="font-mono text-xs">tidemark doctor --json</span> adds what can be seen from
          a machine.
        </p>
        <Button disabled={save.isPending} onClick={() => save.mutate()}>
          <Download aria-hidden className="size-4" /> Download diagnostics
        </Button>
      </div>
    </Panel>
  );
}
