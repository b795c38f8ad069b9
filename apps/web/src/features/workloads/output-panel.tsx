import { useEffect, useMemo } from 'react';
import { LogBuffer } from '../../lib/log-buffer.ts';
import { LogViewer } from '../../ui/log-viewer.tsx';
import { WarningStrip } from '../../ui/notice.tsx';
import { useWorkloadLive } from './use-workload-live.ts';
import type { WorkloadDetail } from './summary.ts';

/** The stored output as lines, for workloads whose events are gone or that never streamed any. */
function useStoredOutput(output: string | null): LogBuffer {
  const buffer = useMemo(() => new LogBuffer(), []);
  useEffect(() => {
    if (output !== null && output !== '') buffer.append({ attempt: 1, seq: 0, stream: 'stdout', text: output });
  }, [buffer, output]);
  return buffer;
}

const FINAL = new Set(['completed', 'failed', 'cancelled']);

export function OutputPanel({ workload }: { workload: WorkloadDetail }) {
  const isFinal = FINAL.has(workload.status);
  const { buffer, hasOutput, isTrimmed } = useWorkloadLive(workload.id, isFinal);
  const stored = useStoredOutput(isFinal ? workload.output : null);
  const isStored = isFinal && workload.output !== null && (!hasOutput || isTrimmed);
  const waiting = workload.status === 'pending' ? 'Output appears here as soon as it runs.' : 'No output yet.';
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {workload.output_truncated && isStored && <WarningStrip>The stored output was too long; its middle was cut out.</WarningStrip>}
      <LogViewer
        buffer={isStored ? stored : buffer}
        fileName={`${workload.id}.log`}
        isLive={!isFinal}
        empty={isFinal ? 'It wrote no output.' : waiting}
      />
    </div>
  );
}
