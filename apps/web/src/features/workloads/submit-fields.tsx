import { ISOLATIONS } from '@tidemark/core/workloads/contract';
import { Field, Segments, Select } from '../../ui/field.tsx';
import type { Draft, Problems } from './draft.ts';

interface FieldsProps {
  draft: Draft;
  problems: Problems;
  onChange(part: Partial<Draft>): void;
}

function CommandFields({ draft, problems, onChange }: FieldsProps) {
  return (
    <>
      <Segments
        label="How the command is written"
        value={draft.style}
        options={[{ value: 'shell', label: 'Shell line' }, { value: 'argv', label: 'Arguments' }]}
        onChange={(style) => onChange({ style })}
      />
      {draft.style === 'shell' ? (
        <Field label="Shell line" hint="Run by /bin/sh -c" error={problems.shell}>
          {(control) => <textarea {...control} rows={4} spellCheck={false} className="field font-mono" placeholder="for i in 1 2 3; do echo step $i; sleep 1; done" value={draft.shell} onChange={(event) => onChange({ shell: event.target.value })} />}
        </Field>
      ) : (
        <Field label="Arguments" hint="One on each line, the program first; no shell reads them" error={problems.argv}>
          {(control) => <textarea {...control} rows={4} spellCheck={false} className="field font-mono" placeholder={'node\n-e\nconsole.log(1)'} value={draft.argv} onChange={(event) => onChange({ argv: event.target.value })} />}
        </Field>
      )}
    </>
  );
}

function ScriptFields({ draft, problems, onChange }: FieldsProps) {
  return (
    <>
      <Field label="Function body" hint="JavaScript; what it returns is the output" error={problems.source}>
        {(control) => <textarea {...control} rows={7} spellCheck={false} className="field font-mono" placeholder="return input.a + 1" value={draft.source} onChange={(event) => onChange({ source: event.target.value })} />}
      </Field>
      <Field label="Input" hint="JSON, optional; the function sees it as input" error={problems.input}>
        {(control) => <textarea {...control} rows={2} spellCheck={false} className="field font-mono" placeholder='{"a": 1}' value={draft.input} onChange={(event) => onChange({ input: event.target.value })} />}
      </Field>
    </>
  );
}

export function WorkFields(props: FieldsProps) {
  const { draft, onChange } = props;
  return (
    <>
      <Segments label="Kind" value={draft.kind} options={[{ value: 'command', label: 'Command' }, { value: 'script', label: 'Script' }]} onChange={(kind) => onChange({ kind })} />
      {draft.kind === 'command' ? <CommandFields {...props} /> : <ScriptFields {...props} />}
    </>
  );
}

export function OptionFields({ draft, problems, onChange }: FieldsProps) {
  const fallback = draft.kind === 'script' ? 'isolate' : 'process';
  return (
    <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
      <legend className="sr-only">Options</legend>
      <Field label="Isolation" error={problems.isolation}>
        {(control) => (
          <Select {...control} value={draft.isolation} options={[{ value: '', label: `Default (${fallback})` }, ...ISOLATIONS.map((isolation) => ({ value: isolation, label: isolation }))]} onChange={(isolation) => onChange({ isolation })} />
        )}
      </Field>
      <Field label="Queue" error={problems.queue}>
        {(control) => <input {...control} className="field" placeholder="default" value={draft.queue} onChange={(event) => onChange({ queue: event.target.value })} />}
      </Field>
      <Field label="Attempts at most" error={problems.max_attempts}>
        {(control) => <input {...control} inputMode="numeric" className="field" placeholder="1" value={draft.max_attempts} onChange={(event) => onChange({ max_attempts: event.target.value })} />}
      </Field>
      <Field label="Time limit of an attempt, in seconds" error={problems.timeout_seconds}>
        {(control) => <input {...control} inputMode="decimal" className="field" placeholder="3600" value={draft.timeout_seconds} onChange={(event) => onChange({ timeout_seconds: event.target.value })} />}
      </Field>
      <Field label="Priority" hint="Higher goes first" error={problems.priority}>
        {(control) => <input {...control} inputMode="numeric" className="field" placeholder="0" value={draft.priority} onChange={(event) => onChange({ priority: event.target.value })} />}
      </Field>
      <Field label="Labels" hint="One name=value on each line" error={problems.labels}>
        {(control) => <textarea {...control} rows={2} spellCheck={false} className="field font-mono" placeholder="team=data" value={draft.labels} onChange={(event) => onChange({ labels: event.target.value })} />}
      </Field>
    </fieldset>
  );
}
