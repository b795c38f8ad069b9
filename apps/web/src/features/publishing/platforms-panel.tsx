import { Link } from '@tanstack/react-router';
import { PLATFORM_KEYS, type Platform, type PlatformKey } from '@tidemark/core/platforms/contract';
import type { QueueStats } from '@tidemark/core/publishing/contract';
import { formatCount, formatDuration, UNKNOWN } from '../../lib/format.ts';
import type { Span } from '../../lib/ranges.ts';
import { Panel } from '../../ui/page.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { PLATFORM_NAMES } from './looks.ts';
import { formatShare, successShare, usePlatforms, usePublicationSeries, useQueueStats } from './queries.ts';

/** Below this many a share says little. */
const FEW = 20;

interface Row {
  readonly key: PlatformKey;
  readonly stats: QueueStats | undefined;
  readonly ended: readonly number[];
}

function useRow(key: PlatformKey, span: Span): Row {
  const stats = useQueueStats(span, key).data;
  const series = usePublicationSeries(span, key).data;
  return { key, stats, ended: (series?.points ?? []).map((point) => point.succeeded + point.failed) };
}

function settings(platform: Platform | undefined): string {
  if (platform === undefined) return UNKNOWN;
  if (platform.connector === null) return 'not connected';
  if (platform.paused) return 'paused';
  return platform.rate_per_minute === null ? 'no rate limit' : `at most ${formatCount(platform.rate_per_minute)} a minute`;
}

function PlatformRow({ row, max, platform, search }: { row: Row; max: number; platform: Platform | undefined; search: object }) {
  const { key, stats } = row;
  const count = stats === undefined ? undefined : stats.success + stats.failed;
  return (
    <li className="grid grid-cols-2 items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm sm:grid-cols-[7rem_minmax(0,1fr)_5rem_7rem_5rem_9rem]">
      <Link to="/publishing/platforms/$platform" params={{ platform: key }} search={search} className="link font-medium text-ink">
        {PLATFORM_NAMES[key]}
      </Link>
      <Sparkline label={`${PLATFORM_NAMES[key]}: ${formatCount(count)} ended in this time`} values={row.ended} max={max} tone="blue" />
      <span className="sm:text-right">{formatCount(count)} ended</span>
      <span className="sm:text-right">
        {formatShare(stats === undefined ? null : successShare(stats))}
        {count !== undefined && count < FEW && <span className="text-ink-mute"> (few data)</span>}
      </span>
      <span className="sm:text-right">{formatDuration(stats?.avg_processing_time_ms)}</span>
      <span className="text-ink-soft sm:text-right">{settings(platform)}</span>
    </li>
  );
}

/** The platforms side by side, drawn on one scale. */
export function PlatformsPanel({ span, search }: { span: Span; search: object }) {
  const platforms = usePlatforms().data?.items;
  const [first, second, third, fourth] = PLATFORM_KEYS;
  // One hook per platform; there are always these four.
  const rows = [useRow(first, span), useRow(second, span), useRow(third, span), useRow(fourth, span)];
  const max = Math.max(...rows.flatMap((row) => row.ended), 0);
  return (
    <Panel title="Platforms" aside="ended · success · mean time · limit">
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <PlatformRow
            key={row.key}
            row={row}
            max={max}
            platform={platforms?.find((entry) => entry.platform === row.key)}
            search={search}
          />
        ))}
      </ul>
    </Panel>
  );
}
