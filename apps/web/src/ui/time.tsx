import { Tooltip } from '@base-ui/react/tooltip';
import { useSyncExternalStore } from 'react';
import { onSecond, serverNow } from '../lib/clock.ts';
import { copyText } from '../lib/clipboard.ts';
import { formatDateTime, formatDuration, formatMoment, UNKNOWN } from '../lib/format.ts';
import { useStored } from '../lib/stored.ts';
import { resolveZone, zone } from '../lib/zone.ts';
import { cn } from './class-names.ts';

/** Re-renders only when the text changes, not every second. */
function useTicking(text: () => string): string {
  return useSyncExternalStore(onSecond, text);
}

export function useZone(): string {
  return resolveZone(useStored(zone));
}

const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence of the server with its times in the zone that is chosen. */
export function useTimesIn(text: string): string {
  const timeZone = useZone();
  return text.replaceAll(ISO_TIME, (iso) => formatDateTime(iso, timeZone));
}

/** A moment in a table: relative below a day. The chosen zone and UTC are in its title. */
export function Moment({ at, className }: { at: string | null; className?: string }) {
  const timeZone = useZone();
  const text = useTicking(() => (at === null ? UNKNOWN : formatMoment(at, serverNow(), timeZone)));
  if (at === null) return <span className={cn('text-ink-mute', className)}>{UNKNOWN}</span>;
  return (
    <time
      dateTime={at}
      title={`${formatDateTime(at, timeZone)} ${timeZone}\n${formatDateTime(at, 'UTC')} UTC`}
      className={cn('whitespace-nowrap', className)}
    >
      {text}
    </time>
  );
}

/** A moment on a page of its own: focusable, with every form of it and the ISO text to copy. */
export function FullMoment({ at }: { at: string | null }) {
  const timeZone = useZone();
  const text = useTicking(() => (at === null ? UNKNOWN : formatMoment(at, serverNow(), timeZone)));
  if (at === null) return <span className="text-ink-mute">{UNKNOWN}</span>;
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        className="cursor-help rounded-sm text-left underline decoration-line-strong decoration-dotted underline-offset-3"
        onClick={() => void copyText(at)}
      >
        <time dateTime={at}>{text}</time>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="z-40">
          <Tooltip.Popup className="rounded-md border border-line bg-surface px-3 py-2 text-xs text-ink shadow-float">
            <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
              <dt className="text-ink-mute">{timeZone}</dt>
              <dd>{formatDateTime(at, timeZone)}</dd>
              <dt className="text-ink-mute">UTC</dt>
              <dd>{formatDateTime(at, 'UTC')}</dd>
              <dt className="text-ink-mute">ISO</dt>
              <dd className="font-mono">{at}</dd>
            </dl>
            <p className="mt-1.5 text-ink-mute">Press to copy the ISO time</p>
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** A fixed duration, or one that grows from `since` while there is no end yet. */
export function Elapsed({ ms, since }: { ms: number | null; since: string | null }) {
  const text = useTicking(() => {
    if (ms !== null) return formatDuration(ms);
    return since === null ? UNKNOWN : formatDuration(Math.floor(Math.max(0, serverNow() - Date.parse(since)) / 1000) * 1000);
  });
  return <span className={cn('whitespace-nowrap tabular-nums', text === UNKNOWN && 'text-ink-mute')}>{text}</span>;
}
