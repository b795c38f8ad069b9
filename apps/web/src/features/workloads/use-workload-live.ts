import { useState } from 'react';
import * as z from 'zod';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { live } from '../../lib/live/hub.ts';
import { useWorkloadFeed } from '../../lib/live/use-workload-feed.ts';
import { LogBuffer } from '../../lib/log-buffer.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';

// Loose, unlike the contract's: an event may carry more than the progress.
const Progress = z.object({ done: z.number().optional(), total: z.number().optional(), message: z.string().optional() });
const Started = z.object({ attempt: z.int() });
const Output = z.object({ attempt: z.int(), seq: z.int(), stream: z.enum(['stdout', 'stderr', 'log']), text: z.string() });

export interface WorkloadLive {
  buffer: LogBuffer;
  hasOutput: boolean;
  /** The stream was trimmed: early output is missing here, and the stored output has what was kept. */
  isTrimmed: boolean;
}

function setProgress(id: string, event: StreamEvent): void {
  const progress = Progress.safeParse(event.data['progress'] ?? event.data);
  if (!progress.success) return;
  const { done, total, message } = progress.data;
  const known = { ...(done !== undefined && { done }), ...(total !== undefined && { total }), ...(message !== undefined && { message }) };
  queryClient.setQueryData(trpc.workloads.get.queryKey({ id }), (last) => last && { ...last, progress: known });
}

/** Everything that happened to one workload, from its first line, and then as it happens. A paused page holds it back. */
export function useWorkloadLive(id: string, isFinal: boolean): WorkloadLive {
  const [buffer] = useState(() => new LogBuffer());
  const [hasOutput, setHasOutput] = useState(false);
  const [isTrimmed, setTrimmed] = useState(false);
  const refresh = useThrottle(() => {
    if (!live.isPaused()) void queryClient.invalidateQueries({ queryKey: trpc.workloads.get.queryKey({ id }) });
  }, 300);
  useWorkloadFeed(id, isFinal, (events) => {
    for (const event of events) {
      const output = event.type === 'output' ? Output.safeParse(event.data) : undefined;
      if (output?.success === true) {
        buffer.append(output.data);
        setHasOutput(true);
      } else if (event.type === 'gap') {
        setTrimmed(true);
        buffer.note('— earlier output is no longer in the event log —');
      } else if (event.type === 'progress' || event.type === 'checkpoint') setProgress(id, event);
      else {
        const started = event.type === 'workload.started' ? Started.safeParse(event.data) : undefined;
        if (started?.success === true) buffer.begin(started.data.attempt);
        refresh();
      }
    }
  });
  return { buffer, hasOutput, isTrimmed };
}
