import { formatDuration } from '../lib/format.ts';
import type { Phases } from '../lib/run-result.ts';
import { cn } from './class-names.ts';

const PHASES = [
  { key: 'dns_ms', label: 'Name lookup', short: 'DNS', fill: 'fill-violet', swatch: 'bg-violet' },
  { key: 'connect_ms', label: 'Connect', short: 'TCP', fill: 'fill-amber', swatch: 'bg-amber' },
  { key: 'tls_ms', label: 'TLS', short: 'TLS', fill: 'fill-accent', swatch: 'bg-accent' },
  { key: 'ttfb_ms', label: 'First byte', short: 'first byte', fill: 'fill-blue', swatch: 'bg-blue' },
  { key: 'download_ms', label: 'Download', short: 'download', fill: 'fill-green', swatch: 'bg-green' },
] as const;

function described(phases: Phases): string {
  return PHASES.map(({ key, short }) => `${short} ${formatDuration(phases[key])}`).join(', ');
}

/** Where the time of a request went, as one bar; `max` is the length of the whole width, so that bars of a list compare. */
export function PhaseBar({ phases, max, className }: { phases: Phases; max?: number; className?: string }) {
  const total = PHASES.reduce((sum, { key }) => sum + phases[key], 0);
  const whole = Math.max(1, max ?? total);
  const bars = PHASES.map(({ key, fill }, index) => ({
    key,
    fill,
    x: (PHASES.slice(0, index).reduce((sum, before) => sum + phases[before.key], 0) / whole) * 1000,
    width: (phases[key] / whole) * 1000,
  }));
  return (
    <svg role="img" aria-label={described(phases)} viewBox="0 0 1000 10" preserveAspectRatio="none" className={cn('h-2 w-full', className)}>
      {bars.map(({ key, fill, x, width }) =>
        width === 0 ? null : <rect key={key} x={x} width={Math.max(2, width)} height="10" className={fill} />,
      )}
    </svg>
  );
}

/** The bar with its numbers. */
export function PhaseTable({ phases }: { phases: Phases }) {
  return (
    <div className="flex flex-col gap-1.5">
      <PhaseBar phases={phases} className="overflow-hidden rounded-full" />
      <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
        {PHASES.map(({ key, label, swatch }) => (
          <div key={key} className="inline-flex items-center gap-1.5 whitespace-nowrap">
            <span aria-hidden className={cn('size-2 rounded-[2px]', swatch)} />
            <dt className="text-ink-mute">{label}</dt>
            <dd>{formatDuration(phases[key])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
