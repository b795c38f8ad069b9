import { X } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { AddRow } from './add-row.tsx';
import { problemAt } from './draft.ts';
import type { Problems } from './draft.ts';
import type { AssertDraft, Step } from './step-draft.ts';

const SOURCES: Record<Exclude<Step['type'], 'browser'>, readonly { value: string; label: string }[]> = {
  http: [
    { value: 'status', label: 'Status code' },
    { value: 'latency_ms', label: 'Latency in ms' },
    { value: 'body', label: 'Body text' },
    { value: 'json', label: 'JSON value' },
    { value: 'header', label: 'Header' },
    { value: 'tls_days_left', label: 'Days of certificate left' },
  ],
  tcp: [{ value: 'latency_ms', label: 'Latency in ms' }],
  ping: [{ value: 'latency_ms', label: 'Latency in ms' }],
  dns: [
    { value: 'record', label: 'A record' },
    { value: 'body', label: 'All records' },
    { value: 'latency_ms', label: 'Latency in ms' },
  ],
};

const OPS = [
  { value: 'eq', label: 'is' },
  { value: 'ne', label: 'is not' },
  { value: 'lt', label: '<' },
  { value: 'lte', label: '≤' },
  { value: 'gt', label: '>' },
  { value: 'gte', label: '≥' },
  { value: 'contains', label: 'contains' },
  { value: 'not_contains', label: 'does not contain' },
  { value: 'matches', label: 'matches' },
  { value: 'exists', label: 'exists' },
];

interface AssertionEditorProps {
  type: Exclude<Step['type'], 'browser'>;
  assertions: readonly AssertDraft[];
  /** `steps.0.assert`. */
  path: string;
  problems: Problems;
  onChange(assertions: AssertDraft[]): void;
}

interface ConditionProps {
  assertion: AssertDraft;
  name: string;
  sources: readonly { value: string; label: string }[];
  isWrong: boolean;
  onChange(part: Partial<AssertDraft>): void;
}

function ConditionFields({ assertion, name, sources, isWrong, onChange }: ConditionProps) {
  const { source, path, op, value } = assertion;
  return (
    <>
      <Select aria-label={`${name}: of what`} value={source} options={sources} onChange={(next) => onChange({ source: next })} />
      {(source === 'json' || source === 'header') && (
        <input
          aria-label={`${name}: ${source === 'json' ? 'path' : 'header name'}`}
          placeholder={source === 'json' ? '$.user.id' : 'content-type'}
          className="field w-32 font-mono text-xs"
          value={path}
          onChange={(event) => onChange({ path: event.target.value })}
        />
      )}
      <Select aria-label={`${name}: comparison`} value={op} options={OPS} onChange={(next) => onChange({ op: next })} />
      {op !== 'exists' && (
        <input
          aria-label={`${name}: value`}
          aria-invalid={isWrong}
          className="field min-w-24 flex-1 font-mono text-xs"
          value={value}
          onChange={(event) => onChange({ value: event.target.value })}
        />
      )}
    </>
  );
}

/** What must hold of the answer, one condition a line. */
export function AssertionEditor({ type, assertions, path, problems, onChange }: AssertionEditorProps) {
  const sources = SOURCES[type];
  const add = (): void =>
    onChange([...assertions, { source: sources[0]?.value ?? 'status', path: '', op: type === 'http' ? 'eq' : 'lte', value: '' }]);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="label mb-1">Must hold</legend>
      {assertions.map((assertion, index) => {
        const problem = problemAt(problems, `${path}.${index}`);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- conditions have no identity but their place
          <div key={index} className="flex flex-col gap-1">
            <div className="flex flex-wrap items-center gap-1.5">
              <ConditionFields
                assertion={assertion}
                name={`Condition ${index + 1}`}
                sources={sources}
                isWrong={problem !== undefined}
                onChange={(part) => onChange(assertions.map((entry, at) => (at === index ? { ...entry, ...part } : entry)))}
              />
              <IconButton
                label={`Remove condition ${index + 1}`}
                className="size-7"
                onClick={() => onChange(assertions.filter((_, at) => at !== index))}
              >
                <X aria-hidden className="size-4" />
              </IconButton>
            </div>
            {problem !== undefined && <p className="text-xs font-medium text-red">{problem}</p>}
          </div>
        );
      })}
      <AddRow label="Add a condition" onAdd={add} />
    </fieldset>
  );
}
