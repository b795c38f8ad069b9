import type { Monitor } from '@tidemark/core/monitors/contract';
import { formatDuration } from '../../lib/format.ts';

type Target = Pick<Monitor, 'type' | 'url' | 'steps'>;

/** What it looks at: an address without its scheme, or what its first step does. */
export function targetOf({ type, url, steps }: Target): string {
  if (type === 'heartbeat') return 'waits for pings';
  const [first] = steps;
  if (first === undefined || first.type === 'http' || first.type === 'browser') return url ?? '';
  return first.type === 'dns' ? `${first.record} ${first.host}` : `${first.host}:${first.port}`;
}

/** HTTP, browser, TCP …; several kinds of steps are named together. */
export function kindOf({ type, steps }: Target): string {
  if (type === 'heartbeat') return 'Heartbeat';
  const kinds = [...new Set(steps.map((step) => step.type))];
  if (kinds.length === 0) return 'HTTP';
  return kinds.map((kind) => (kind === 'browser' ? 'Browser' : kind.toUpperCase())).join(' + ');
}

/** "every 60 s", or the cron expression with its zone. */
export function scheduleOf(monitor: Pick<Monitor, 'interval_seconds' | 'cron' | 'timezone'>): string {
  if (monitor.cron !== null) return `cron ${monitor.cron} (${monitor.timezone})`;
  if (monitor.interval_seconds === null) return 'no schedule';
  return `every ${describeSeconds(monitor.interval_seconds)}`;
}

/** 45 s · 5 min · 1 h, without the zeros that a duration of its own would show. */
function describeSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}

/** What a step is called before it has run; the agent names it the same way. */
export function stepName(step: Monitor['steps'][number]): string {
  if (step.name !== undefined) return step.name;
  switch (step.type) {
    case 'http':
      return `${step.method} ${step.url}`;
    case 'browser':
      return 'browser';
    case 'dns':
      return `dns ${step.record} ${step.host}`;
    default:
      return `${step.type} ${step.host}:${step.port}`;
  }
}
