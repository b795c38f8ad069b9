import * as z from 'zod';
import type { RouterOutputs } from '@tidemark/api';

/** One workload as the server sends it. */
export type WorkloadDetail = RouterOutputs['workloads']['get'];

const Command = z.object({ command: z.union([z.string(), z.array(z.string())]) });
const Script = z.object({ source: z.string() });
const MAX_CHARS = 90;

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line;
}

/** What a workload does, in one line; its kind when the payload does not tell. */
export function summarize(workload: Pick<WorkloadDetail, 'kind' | 'payload'>): string {
  const command = Command.safeParse(workload.payload);
  if (command.success)
    return firstLine(typeof command.data.command === 'string' ? command.data.command : command.data.command.join(' ')) || workload.kind;
  const script = Script.safeParse(workload.payload);
  return script.success ? firstLine(script.data.source) || workload.kind : workload.kind;
}
