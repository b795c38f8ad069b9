import type { PublicMonitor } from './contract.ts';

type Shown = Pick<PublicMonitor, 'name' | 'state' | 'last_run_at'>;

interface Part {
  is(monitor: Shown): boolean;
  readonly one: string;
  readonly many: string;
  readonly all: string;
}

const inState =
  (state: Shown['state']) =>
  (monitor: Shown): boolean =>
    monitor.state === state;

const UP: Part = { is: inState('up'), one: 'is up', many: 'are up', all: 'Everything is up' };
/** The worst first. What is not known is told before what is known to be well: silence is no good news. */
const PARTS: readonly Part[] = [
  { is: inState('down'), one: 'is down', many: 'are down', all: 'Everything is down' },
  {
    is: (monitor) => monitor.state === 'unknown' && monitor.last_run_at === null,
    one: 'has no result yet',
    many: 'have no result yet',
    all: 'Nothing has a result yet',
  },
  {
    is: (monitor) => monitor.state === 'unknown' && monitor.last_run_at !== null,
    one: 'is unknown right now',
    many: 'are unknown right now',
    all: 'Nothing is known right now',
  },
  {
    is: inState('maintenance'),
    one: 'is in maintenance',
    many: 'are in maintenance',
    all: 'Everything is in maintenance',
  },
  { is: inState('paused'), one: 'is paused', many: 'are paused', all: 'Everything is paused' },
  UP,
];

const words = (part: Part, count: number): string => (count === 1 ? part.one : part.many);

/** The state of monitors together in a sentence: the worst there is, and what holds of the others; null when nothing does. */
export function summarize(monitors: readonly Shown[]): { headline: string; detail: string | null } {
  const found = PARTS.map((part) => ({ part, count: monitors.filter((monitor) => part.is(monitor)).length })).filter(
    ({ count }) => count > 0,
  );
  const [worst, ...others] = found;
  const [only] = monitors;
  if (worst === undefined || only === undefined) return { headline: 'Nothing is known yet', detail: null };
  if (others.length === 0) {
    const isNamed = monitors.length === 1 && worst.part !== UP;
    return { headline: isNamed ? `${only.name} ${worst.part.one}` : worst.part.all, detail: null };
  }
  return {
    headline: `${worst.count} of ${monitors.length} ${words(worst.part, worst.count)}`,
    detail: others.map(({ part, count }) => `${count} ${words(part, count)}`).join(', '),
  };
}
