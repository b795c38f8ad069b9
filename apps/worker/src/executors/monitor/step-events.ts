import type { StepEventType } from '@tidemark/core/steps/contract';
import { clean } from '@tidemark/sdk/agent';
import type { JobContext } from '../executor.ts';

const MAX_MESSAGE_CHARS = 1000;

export interface EventDetails {
  step_number?: number;
  passed?: boolean;
  duration_ms?: number;
}

export type TellStep = (type: StepEventType, message: string, details?: EventDetails) => void;

/** Tells the live view what happens, one JSON object per line. The time is the agent's. */
export function stepEvents(write: JobContext['write']): TellStep {
  return (type, message, details = {}) => {
    const text = clean(message.slice(0, MAX_MESSAGE_CHARS));
    write('log', `${JSON.stringify({ type, message: text, ...details, timestamp: new Date().toISOString() })}\n`);
  };
}
