import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { listZones } from '../../lib/zone.ts';
import { trpc } from '../../lib/trpc.ts';
import { Field, Segments } from '../../ui/field.tsx';
import { problemAt } from './draft.ts';
import type { CurlRequest } from './curl/read-curl.ts';
import type { Draft, Problems } from './draft.ts';
import { emptyStep, fromCurl } from './step-draft.ts';
import type { StepDraft } from './step-draft.ts';
import { StepsEditor } from './steps-editor.tsx';

const CurlBox = lazy(async () => ({ default: (await import('./curl/curl-box.tsx')).CurlBox }));
const CronWords = lazy(async () => ({ default: (await import('./cron-words.tsx')).CronWords }));

export interface FormFieldsProps {
  draft: Draft;
  problems: Problems;
  /** The type of a monitor is chosen once. */
  isNew: boolean;
  /** Begins with the box for a curl command. */
  hasCurl?: boolean;
  onChange(part: Partial<Draft>): void;
}

interface TextProps extends FormFieldsProps {
  name:
    | 'name'
    | 'url'
    | 'interval_seconds'
    | 'cron'
    | 'timezone'
    | 'grace_seconds'
    | 'timeout_seconds'
    | 'retries'
    | 'degraded_ms'
    | 'slo_target_pct'
    | 'tags';
  label: string;
  hint?: string;
  placeholder?: string;
  inputMode?: 'numeric' | 'decimal' | 'url';
  list?: string;
}

function Text({ draft, problems, onChange, isNew: _isNew, hasCurl: _hasCurl, name, label, hint, ...input }: TextProps) {
  const problem = problemAt(problems, name);
  return (
    <Field label={label} hint={hint} error={problem}>
      {(control) => (
        <input
          {...control}
          {...input}
          className="field w-full"
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

function Schedule(props: FormFieldsProps) {
  const { draft, onChange } = props;
  return (
    <div className="flex flex-col gap-3">
      <Segments
        label="Schedule"
        value={draft.schedule}
        options={[
          { value: 'interval', label: 'At an interval' },
          { value: 'cron', label: 'By cron' },
        ]}
        onChange={(schedule) => onChange({ schedule })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        {draft.schedule === 'interval' ? (
          <Text
            {...props}
            name="interval_seconds"
            label={draft.type === 'heartbeat' ? 'Seconds between pings' : 'Seconds between runs'}
            inputMode="numeric"
            hint="5 or more"
          />
        ) : (
          <>
            <Text {...props} name="cron" label="Cron expression" placeholder="*/5 8-18 * * 1-5" hint="Five or six fields" />
            <Text {...props} name="timezone" label="In the time zone" list="monitor-zones" />
            <datalist id="monitor-zones">
              {listZones().map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
        {draft.type === 'heartbeat' && <Text {...props} name="grace_seconds" label="Seconds a ping may be late" inputMode="numeric" />}
      </div>
      {draft.schedule === 'cron' && draft.cron.trim() !== '' && (
        <Suspense>
          <CronWords cron={draft.cron.trim()} timezone={draft.timezone.trim() || 'UTC'} />
        </Suspense>
      )}
    </div>
  );
}

function Channels({ draft, onChange }: FormFieldsProps) {
  const { data } = useQuery(trpc.channels.list.queryOptions({ limit: 100 }));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="label mb-1">Tell of outages</legend>
      {data.items.map((channel) => (
        <label key={channel.id} className="flex min-h-7 cursor-pointer items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={draft.channel_ids.includes(channel.id)}
            onChange={(event) =>
              onChange({
                channel_ids: event.target.checked
                  ? [...draft.channel_ids, channel.id]
                  : draft.channel_ids.filter((id) => id !== channel.id),
              })
            }
          />
          {channel.name} <span className="text-xs text-ink-mute">{channel.type}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A curl command becomes a step, and what the form does not say yet; read again, it takes the place of the step it made. */
function Curl({ draft, hasCurl = false, onChange }: FormFieldsProps) {
  const [made, setMade] = useState<StepDraft | null>(null);
  const fill = (request: CurlRequest): void => {
    const step = { ...emptyStep('http', ''), assert: [], ...fromCurl(request) };
    onChange({
      url: draft.url.trim() === '' || draft.url === made?.url ? request.url : draft.url,
      steps: [...draft.steps.filter((entry) => entry !== made), step],
      timeout_seconds: request.timeout_seconds ?? draft.timeout_seconds,
    });
    setMade(step);
  };
  return (
    <Suspense>
      <CurlBox label="Paste a curl command" isOpen={hasCurl} action="Fill in the form" onRead={fill} />
    </Suspense>
  );
}

/** The whole definition; an address alone is enough. */
export function FormFields(props: FormFieldsProps) {
  const { draft, problems, isNew, onChange } = props;
  const isHeartbeat = draft.type === 'heartbeat';
  return (
    <div className="flex flex-col gap-4">
      {isNew && (
        <Segments
          label="Kind of monitor"
          value={draft.type}
          options={[
            { value: 'synthetic', label: 'Check an address' },
            { value: 'heartbeat', label: 'Wait for pings' },
          ]}
          onChange={(type) => onChange({ type })}
        />
      )}
      {isNew && !isHeartbeat && <Curl {...props} />}
      {!isHeartbeat && <Text {...props} name="url" label="Address" placeholder="https://example.com/login" inputMode="url" />}
      <Text
        {...props}
        name="name"
        label="Name"
        hint={isHeartbeat ? 'What pings, such as the nightly backup' : 'The host when left empty'}
      />
      <Schedule {...props} />
      {!isHeartbeat && (
        <section aria-label="Steps" className="border-t border-line pt-4">
          <StepsEditor steps={draft.steps} url={draft.url} problems={problems} onChange={(steps) => onChange({ steps })} />
        </section>
      )}
      <details className="border-t border-line pt-3" open={!isNew || undefined}>
        <summary className="cursor-pointer rounded-sm text-sm font-medium text-ink-soft hover:text-ink">Limits, targets, tags</summary>
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          {!isHeartbeat && <Text {...props} name="timeout_seconds" label="Seconds a try may take" inputMode="decimal" />}
          {!isHeartbeat && <Text {...props} name="retries" label="Further tries in a run" inputMode="numeric" hint="Tries are not runs" />}
          <Text {...props} name="degraded_ms" label="Slow above, in ms" inputMode="numeric" hint="Slow runs still pass" />
          <Text
            {...props}
            name="slo_target_pct"
            label="Target for uptime, in %"
            inputMode="decimal"
            placeholder="99.9"
            hint="Gives an error budget"
          />
          <Text {...props} name="tags" label="Tags" hint="With commas between them" />
          <label className="flex min-h-8 cursor-pointer items-center gap-2 self-end text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={draft.public}
              onChange={(event) => onChange({ public: event.target.checked })}
            />
            Shown on the public status page
          </label>
        </div>
      </details>
      {isNew && <Channels {...props} />}
    </div>
  );
}
