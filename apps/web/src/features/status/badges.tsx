import { useState } from 'react';
import type { PublicMonitor } from '@tidemark/core/status/contract';
import { serverPath } from '../../lib/server-path.ts';
import { Field, Select } from '../../ui/field.tsx';
import { Command } from '../../ui/notice.tsx';

const METRICS = ['status', 'uptime', 'latency'] as const;
const WINDOWS = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
];

/** Pictures for a page or a README of one's own, that need no script. */
export function Badges({ monitors }: { monitors: readonly PublicMonitor[] }) {
  const [id, setId] = useState(monitors[0]?.id ?? '');
  const [hours, setHours] = useState('720');
  const monitor = monitors.find((entry) => entry.id === id) ?? monitors[0];
  if (monitor === undefined) return null;
  const path = (metric: string): string =>
    serverPath(
      `/api/tests/${encodeURIComponent(monitor.id)}/badge/${metric}${metric === 'status' || hours === '720' ? '' : `?hours=${hours}`}`,
    );
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer rounded-sm text-ink-soft hover:text-ink">Badges</summary>
      <div className="mt-3 flex flex-col gap-3">
        <div className="flex flex-wrap gap-3">
          <Field label="Monitor">
            {(control) => (
              <Select
                {...control}
                value={monitor.id}
                options={monitors.map((entry) => ({ value: entry.id, label: entry.name }))}
                onChange={setId}
              />
            )}
          </Field>
          <Field label="Window">{(control) => <Select {...control} value={hours} options={WINDOWS} onChange={setHours} />}</Field>
        </div>
        <ul className="flex flex-col gap-2">
          {METRICS.map((metric) => (
            <li key={metric} className="flex flex-wrap items-center gap-3">
              <img src={path(metric)} alt={`${metric} of ${monitor.name}`} height={20} />
              <Command>{`![${metric}](${window.location.origin}${path(metric)})`}</Command>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}
