import * as z from 'zod';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { StepEventType } from '@tidemark/core/steps/contract';
import type { StepState } from '../../ui/run-steps.tsx';

const Output = z.object({ attempt: z.int(), seq: z.int(), stream: z.string(), text: z.string() });
const Line = z.object({
  type: StepEventType,
  message: z.string().catch(''),
  step_number: z.number().optional(),
  passed: z.boolean().optional(),
  duration_ms: z.number().optional(),
  timestamp: z.string().optional(),
});

/** One line of a run's log. */
export interface RunLine {
  /** Grows within an attempt: a line that comes twice is known by it. */
  seq: number;
  attempt: number;
  at: string;
  message: string;
  isBad: boolean;
}

interface LiveStep {
  name: string;
  state: StepState;
  since: string | null;
  duration_ms: number | null;
}

/** How far a run is, as its agent tells. */
export interface RunProgress {
  /** Null until an agent has taken it. */
  started_at: string | null;
  attempt: number;
  steps: ReadonlyMap<number, LiveStep>;
  lines: readonly RunLine[];
  isOver: boolean;
}

export const NOT_STARTED: RunProgress = { started_at: null, attempt: 0, steps: new Map(), lines: [], isOver: false };

type ParsedLine = z.infer<typeof Line>;

function parseLine(text: string): ParsedLine | null {
  try {
    return Line.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** A step that begins again begins what comes after it again, too: a further try of the same run. */
function withStart(steps: RunProgress['steps'], line: ParsedLine, at: string): RunProgress['steps'] {
  const number = line.step_number ?? 0;
  const next = new Map([...steps].filter(([known]) => known < number));
  return next.set(number, { name: line.message.replace(/^Step \d+: /, ''), state: 'running', since: at, duration_ms: null });
}

function withEnd(steps: RunProgress['steps'], line: ParsedLine): RunProgress['steps'] {
  const number = line.step_number ?? 0;
  const known = steps.get(number);
  const ended: LiveStep = {
    name: known?.name ?? '',
    state: line.passed === true ? 'passed' : 'failed',
    since: null,
    duration_ms: line.duration_ms ?? null,
  };
  return new Map(steps).set(number, ended);
}

function withOutput(progress: RunProgress, event: StreamEvent): RunProgress {
  const output = Output.safeParse(event.data);
  if (!output.success || output.data.stream !== 'log') return progress;
  const { attempt, seq, text } = output.data;
  let { steps } = progress;
  const lines: RunLine[] = [];
  text.split('\n').forEach((part, index) => {
    const line = parseLine(part);
    if (line === null) return;
    const at = event.created_at;
    if (line.type === 'step_start') steps = withStart(steps, line, at);
    if (line.type === 'step_complete') steps = withEnd(steps, line);
    if (line.message !== '')
      lines.push({ seq: seq * 1000 + index, attempt, at: line.timestamp ?? at, message: line.message, isBad: line.passed === false });
  });
  return { ...progress, steps, lines: [...progress.lines, ...lines] };
}

/** The progress after one more event of the workload that carries the run. */
export function advance(progress: RunProgress, event: StreamEvent): RunProgress {
  switch (event.type) {
    case 'workload.started':
      return { ...progress, started_at: event.created_at, attempt: progress.attempt + 1, steps: new Map(), isOver: false };
    case 'workload.requeued':
      return { ...progress, started_at: null, steps: new Map() };
    case 'output':
      return withOutput(progress, event);
    case 'workload.completed':
    case 'workload.failed':
    case 'workload.cancelled':
      return { ...progress, isOver: true };
    default:
      return progress;
  }
}
