import type { StreamEvent } from '../events/contract.ts';
import type { LiveEvent } from './contract.ts';

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** Fields of a live event from what a store holds: `step_number` is a number and `passed` a boolean, also where text was stored. */
export function liveEventOf(id: string, type: string, fields: Readonly<Record<string, unknown>> & { timestamp: string }): LiveEvent {
  const { message, step_number, passed, run_id, timestamp, ...data } = fields;
  const step = numberOf(step_number);
  const isPassed = booleanOf(passed);
  return {
    id,
    type: type as LiveEvent['type'],
    message: typeof message === 'string' ? message : '',
    ...(step === undefined ? {} : { step_number: step }),
    ...(isPassed === undefined ? {} : { passed: isPassed }),
    ...(typeof run_id === 'string' ? { run_id } : {}),
    timestamp,
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

export function toLiveEvent(event: StreamEvent): LiveEvent {
  const message = event.type === 'gap' ? 'Events were trimmed away or never existed; read the results again.' : event.data['message'];
  return liveEventOf(event.id, event.type, { ...event.data, message, timestamp: event.created_at });
}
