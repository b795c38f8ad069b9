import { Plus } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { BrowserFields } from './action-editor.tsx';
import type { Problems } from './draft.ts';
import { RowTools } from './row-tools.tsx';
import { emptyStep } from './step-draft.ts';
import type { Step, StepDraft } from './step-draft.ts';
import { HostFields, HttpFields } from './step-fields.tsx';

const TYPES: readonly { value: Step['type']; label: string }[] = [
  { value: 'http', label: 'HTTP request' },
  { value: 'browser', label: 'Browser' },
  { value: 'tcp', label: 'TCP port' },
  { value: 'ping', label: 'Ping' },
  { value: 'dns', label: 'DNS lookup' },
];

interface StepsEditorProps {
  steps: readonly StepDraft[];
  /** What a new step begins with. */
  url: string;
  problems: Problems;
  onChange(steps: StepDraft[]): void;
}

interface StepCardProps {
  steps: readonly StepDraft[];
  index: number;
  step: StepDraft;
  problems: Problems;
  onChange(steps: StepDraft[]): void;
}

function StepCard({ steps, index, step, problems, onChange }: StepCardProps) {
  const number = index + 1;
  const change = (part: Partial<StepDraft>): void => onChange(steps.map((entry, at) => (at === index ? { ...entry, ...part } : entry)));
  const props = { step, path: `steps.${index}`, problems, onChange: change };
  const setType = (type: string): void => {
    const next = TYPES.find((entry) => entry.value === type)?.value ?? 'http';
    const fresh = emptyStep(next, step.url);
    const actions = step.actions.length > 0 ? step.actions : fresh.actions;
    change({ type: next, assert: fresh.assert, actions, port: step.port || fresh.port });
  };
  return (
    <li className="flex flex-col gap-3 rounded-lg border border-line bg-canvas p-3">
      <div className="flex items-center gap-1.5">
        <span className="mr-auto text-sm font-semibold">Step {number}</span>
        <Select aria-label={`Step ${number}: type`} value={step.type} options={TYPES} onChange={setType} />
        <RowTools noun="step" index={index} list={steps} onChange={onChange} />
      </div>
      <Field label="Name" hint="Optional; shown in results" error={problems[`steps.${index}.name`]}>
        {(control) => (
          <input {...control} className="field w-full" value={step.name} onChange={(event) => change({ name: event.target.value })} />
        )}
      </Field>
      {step.type === 'http' && <HttpFields {...props} />}
      {step.type === 'browser' && <BrowserFields {...props} />}
      {step.type !== 'http' && step.type !== 'browser' && <HostFields {...props} />}
    </li>
  );
}

/** What a run does, step after step; it stops at the first that fails. */
export function StepsEditor({ steps, url, problems, onChange }: StepsEditorProps) {
  const list = useRef<HTMLOListElement>(null);
  const add = (type: Step['type']): void => {
    onChange([...steps, emptyStep(type, url)]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(':scope > li:last-child input')?.focus());
  };
  return (
    <div className="flex flex-col gap-3">
      {steps.length === 0 && <p className="text-sm text-ink-soft">Without steps: one GET of the address that expects 2xx or 3xx.</p>}
      <ol ref={list} className="flex flex-col gap-3">
        {steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps have no identity but their place
          <StepCard key={index} steps={steps} index={index} step={step} problems={problems} onChange={onChange} />
        ))}
      </ol>
      <div className="flex flex-wrap gap-2">
        {TYPES.slice(0, 2).map(({ value, label }) => (
          <Button key={value} size="small" onClick={() => add(value)}>
            <Plus aria-hidden className="size-3.5" /> {label} step
          </Button>
        ))}
        <Select
          aria-label="Add another step"
          className="h-7 text-xs"
          value=""
          options={[{ value: '', label: 'Another step…' }, ...TYPES.slice(2)]}
          onChange={(type) => {
            const chosen = TYPES.find((entry) => entry.value === type)?.value;
            if (chosen !== undefined) add(chosen);
          }}
        />
      </div>
    </div>
  );
}
