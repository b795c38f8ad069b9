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
        options={[
          { value: 'shell', label: 'Shell line' },
          { value: 'argv', label: 'Arguments' },
        ]}
        onChange={(style) => onChange({ style })}
      />
      {draft.style === 'shell' ? (
        <Field label="Shell line" hint="Run by /bin/sh -c" error={problems.shell}>
          {(control) => (
            <textarea
              {...control}
              rows={4}
              spellCheck={false}
              className="field font-mono"
              placeholder="for i in 1 2 3; do echo step $i; sleep 1; done"
              value={draft.shell}
              onChange={(event) => onChange({ shell: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <Field label="Arguments" hint="One on each line, the program first; no shell reads them" error={problems.argv}>
          {(control) => (
            <textarea
              {...control}
              rows={4}
              spellCheck={false}
              className="field font-mono"
              placeholder={'node\n-e\nconsole.log(1)'}
              value={draft.argv}
              onChange={(event) => onChange({ argv: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function ScriptFields({ draft, problems, onChange }: FieldsProps) {
  return (
    <>
      <Field label="Function body" hint="JavaScript; what it returns is the output" error={problems.source}>
        {(control) => (
          <textarea
            {...control}
            rows={7}
            spellCheck={false}
            className="field font-mono"
            placeholder="return input.a + 1"
            value={draft.source}
            onChange={(event) => onChange({ source: event.target.value })}
          />
        )}
      </Field>
      <Field label="Input" hint="JSON, optional; the function sees it as input" error={problems.input}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            spellCheck={false}
            className="field font-mono"
            placeholder='{"a": 1}'
            value={draft.input}
            onChange={(event) => onChange({ input: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

export function WorkFields(props: FieldsProps) {
  const { draft, onChange } = props;
  return (
    <>
      <Segments
        label="Kind"
        value={draft.kind}
        options={[
          { value: 'command', label: 'Command' },
          { value: 'script', label: 'Script' },
        ]}
        onChange={(kind) => onChange({ kind })}
      />
      {draft.kind === 'command' ? <CommandFields {...props} /> : <ScriptFields {...props} />}
    </>
  );
}

interface OptionProps extends FieldsProps {
  name: 'queue' | 'max_attempts' | 'timeout_seconds' | 'priority';
  label: string;
  placeholder: string;
  hint?: string;
  inputMode?: 'numeric' | 'decimal';
}

function Option({ draft, problems, onChange, name, label, hint, ...input }: OptionProps) {
  return (
    <Field label={label} hint={hint} error={problems[name]}>
      {(control) => (
        <input
          {...control}
          {...input}
          className="field"
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

export function OptionFields(props: FieldsProps) {
  const { draft, problems, onChange } = props;
  const fallback = draft.kind === 'script' ? 'isolate' : 'process';
  const isolations = [
    { value: '', label: `Default (${fallback})` },
    ...ISOLATIONS.map((isolation) => ({ value: isolation, label: isolation })),
  ];
  return (
    <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
      <legend className="sr-only">Options</legend>
      <Field label="Isolation" error={problems.isolation}>
        {(control) => (
          <Select {...control} value={draft.isolation} options={isolations} onChange={(isolation) => onChange({ isolation })} />
        )}
      </Field>
      <Option {...props} name="queue" label="Queue" placeholder="default" />
      <Option {...props} name="max_attempts" label="Attempts at most" placeholder="1" inputMode="numeric" />
      <Option {...props} name="timeout_seconds" label="Time limit of an attempt, in seconds" placeholder="3600" inputMode="decimal" />
      <Option {...props} name="priority" label="Priority" placeholder="0" hint="Higher goes first" inputMode="numeric" />
      <Field label="Labels" hint="One name=value on each line" error={problems.labels}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            spellCheck={false}
            className="field font-mono"
            placeholder="team=data"
            value={draft.labels}
            onChange={(event) => onChange({ labels: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}
