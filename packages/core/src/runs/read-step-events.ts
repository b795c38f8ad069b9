import { StepEvent } from '../steps/contract.ts';

const MAX_LINES = 200;
const MAX_EVENT_CHARS = 16_384;

function parse(line: string): StepEvent | null {
  try {
    const result = StepEvent.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

/**
 * The step events in a chunk of an agent's `log` output: one JSON object per line; other lines are left out. The end of a run is
 * told by the server when it has recorded it, so the agent's own `run_complete` is left out, too.
 */
export function readStepEvents(text: string): StepEvent[] {
  const events: StepEvent[] = [];
  for (const line of text.split('\n', MAX_LINES)) {
    if (!line.startsWith('{') || line.length > MAX_EVENT_CHARS) continue;
    const event = parse(line);
    if (event !== null && event.type !== 'run_complete') events.push(event);
  }
  return events;
}
