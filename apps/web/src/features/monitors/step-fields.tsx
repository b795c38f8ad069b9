import { X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { AddRow } from './add-row.tsx';
import { AssertionEditor } from './assertion-editor.tsx';
import { problemAt } from './draft.ts';
import type { Problems } from './draft.ts';
import { fromCurl } from './step-draft.ts';
import type { StepDraft } from './step-draft.ts';

const CurlBox = lazy(async () => ({ default: (await import('./curl/curl-box.tsx')).CurlBox }));

export interface StepFieldsProps {
  step: StepDraft;
  /** `steps.0`. */
  path: string;
  problems: Problems;
  onChange(part: Partial<StepDraft>): void;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((value) => ({ value, label: value }));
const RECORDS = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SRV', 'CAA', 'SOA'].map((value) => ({ value, label: value }));

function CaptureEditor({ step, path, problems, onChange }: StepFieldsProps) {
  const { capture } = step;
  const change = (index: number, part: Partial<(typeof capture)[number]>): void =>
    onChange({ capture: capture.map((entry, at) => (at === index ? { ...entry, ...part } : entry)) });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="label mb-1">Keep for later steps, as {'{{name}}'}</legend>
      {capture.map((entry, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- captures have no identity but their place
        <div key={index} className="flex flex-wrap items-center gap-1.5">
          <input
            aria-label={`Kept value ${index + 1}: name`}
            placeholder="token"
            className="field w-28 font-mono text-xs"
            value={entry.name}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          <Select
            aria-label={`Kept value ${index + 1}: from`}
            value={entry.source}
            options={(['json', 'header', 'body', 'status'] as const).map((value) => ({ value, label: value }))}
            onChange={(source) => change(index, { source: source as typeof entry.source })}
          />
          <input
            aria-label={`Kept value ${index + 1}: path`}
            placeholder="$.token"
            className="field min-w-24 flex-1 font-mono text-xs"
            value={entry.path ?? ''}
            onChange={(event) => change(index, { path: event.target.value })}
          />
          <IconButton
            label={`Remove kept value ${index + 1}`}
            className="size-7"
            onClick={() => onChange({ capture: capture.filter((_, at) => at !== index) })}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {problemAt(problems, `${path}.capture`) !== undefined && (
        <p className="text-xs font-medium text-red">{problemAt(problems, `${path}.capture`)}</p>
      )}
      <AddRow label="Keep a value" onAdd={() => onChange({ capture: [...capture, { name: '', source: 'json', path: '' }] })} />
    </fieldset>
  );
}

function RequestFields({ step, path, problems, onChange }: StepFieldsProps) {
  return (
    <>
      <div className="flex gap-2">
        <Field label="Method">
          {(control) => <Select {...control} value={step.method} options={METHODS} onChange={(method) => onChange({ method })} />}
        </Field>
        <Field label="Address" className="flex-1" error={problems[`${path}.url`]}>
          {(control) => (
            <input {...control} className="field w-full" value={step.url} onChange={(event) => onChange({ url: event.target.value })} />
          )}
        </Field>
      </div>
      <label className="flex min-h-7 cursor-pointer items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={step.follow_redirects !== false}
          onChange={(event) => onChange({ follow_redirects: event.target.checked ? undefined : false })}
        />
        Follow redirects
      </label>
    </>
  );
}

function ContentFields({ step, path, problems, onChange }: StepFieldsProps) {
  return (
    <>
      <Field label="Headers" hint="One name: value on each line" error={problemAt(problems, `${path}.headers`)}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            spellCheck={false}
            className="field font-mono text-xs"
            placeholder="authorization: Bearer {{token}}"
            value={step.headers}
            onChange={(event) => onChange({ headers: event.target.value })}
          />
        )}
      </Field>
      <Field label="Body" hint="JSON is sent as JSON, anything else as text" error={problemAt(problems, `${path}.body`)}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            spellCheck={false}
            className="field font-mono text-xs"
            value={step.body}
            onChange={(event) => onChange({ body: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

export function HttpFields(props: StepFieldsProps) {
  const { step, path, problems, onChange } = props;
  return (
    <>
      <RequestFields {...props} />
      <AssertionEditor
        type="http"
        assertions={step.assert}
        path={`${path}.assert`}
        problems={problems}
        onChange={(assert) => onChange({ assert })}
      />
      <details className="group" open={step.headers !== '' || step.body !== '' || step.capture.length > 0}>
        <summary className="cursor-pointer rounded-sm text-sm text-ink-soft hover:text-ink">Headers, body, kept values</summary>
        <div className="mt-3 flex flex-col gap-3">
          <ContentFields {...props} />
          <CaptureEditor {...props} />
        </div>
      </details>
      <Suspense>
        <CurlBox
          label="Take the request from a curl command"
          action="Fill in this step"
          onRead={(request) => onChange(fromCurl(request))}
        />
      </Suspense>
    </>
  );
}

export function HostFields({ step, path, problems, onChange }: StepFieldsProps) {
  const type = step.type === 'dns' || step.type === 'ping' ? step.type : 'tcp';
  return (
    <>
      <div className="flex gap-2">
        <Field label="Host" className="flex-1" error={problems[`${path}.host`]}>
          {(control) => (
            <input
              {...control}
              className="field w-full"
              placeholder="db.example.com"
              value={step.host}
              onChange={(event) => onChange({ host: event.target.value })}
            />
          )}
        </Field>
        {type === 'dns' ? (
          <Field label="Record">
            {(control) => <Select {...control} value={step.record} options={RECORDS} onChange={(record) => onChange({ record })} />}
          </Field>
        ) : (
          <Field label="Port" error={problems[`${path}.port`]}>
            {(control) => (
              <input
                {...control}
                inputMode="numeric"
                className="field w-20"
                value={step.port}
                onChange={(event) => onChange({ port: event.target.value })}
              />
            )}
          </Field>
        )}
      </div>
      <AssertionEditor
        type={type}
        assertions={step.assert}
        path={`${path}.assert`}
        problems={problems}
        onChange={(assert) => onChange({ assert })}
      />
    </>
  );
}
