import { useEffect, useState } from 'react';
import { formatClock } from '../../lib/format.ts';
import { LogBuffer } from '../../lib/log-buffer.ts';
import { LogViewer } from '../../ui/log-viewer.tsx';
import { useZone } from '../../ui/time.tsx';
import type { RunLine } from './run-progress.ts';

interface RunLogProps {
  lines: readonly RunLine[];
  runId: string;
  isLive: boolean;
  empty: string;
}

function Lines({ lines, runId, isLive, empty, timeZone }: RunLogProps & { timeZone: string }) {
  const [buffer] = useState(() => new LogBuffer());
  useEffect(() => {
    for (const { attempt, seq, at, message, isBad } of lines) {
      const clock = formatClock(Date.parse(at), timeZone);
      buffer.append({ attempt, seq, stream: isBad ? 'stderr' : 'stdout', text: `${clock}  ${message.replaceAll('\n', ' ')}\n` });
    }
  }, [buffer, lines, timeZone]);
  return <LogViewer title="Log" buffer={buffer} fileName={`${runId}.log`} isLive={isLive} empty={empty} />;
}

/** What the agent told, line by line, with its own clock in the chosen zone. */
export function RunLog(props: RunLogProps) {
  const timeZone = useZone();
  return <Lines key={`${timeZone} ${props.runId}`} {...props} timeZone={timeZone} />;
}
