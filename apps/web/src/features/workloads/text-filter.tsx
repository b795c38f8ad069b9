import { WorkloadFilter } from '@tidemark/core/workloads/contract';
import { useDraftText } from '../../lib/draft-text.ts';
import { Field } from '../../ui/field.tsx';
import type { WorkloadSearch } from './search.ts';

type Change = (change: WorkloadSearch) => void;

interface TextFilterProps {
  label: string;
  name: 'kind' | 'queue' | 'label' | 'worker';
  value: string | undefined;
  onChange: Change;
}

const SCHEMAS = {
  kind: WorkloadFilter.shape.kind,
  queue: WorkloadFilter.shape.queue,
  label: WorkloadFilter.shape.label,
  worker: WorkloadFilter.shape.worker_id,
};

/** Applies only what the contract accepts, and says why it does not accept the rest. */
export function TextFilter({ label, name, value, onChange }: TextFilterProps) {
  const isValid = (text: string): boolean => text === '' || SCHEMAS[name].safeParse(text).success;
  const draft = useDraftText(value ?? '', (text) => {
    if (isValid(text)) onChange({ [name]: text === '' ? undefined : text });
  });
  const text = draft.text.trim();
  const problem = isValid(text) ? undefined : SCHEMAS[name].safeParse(text).error?.issues[0]?.message;
  return (
    <Field label={label} error={problem}>
      {(control) => (
        <input
          {...control}
          className="field w-full"
          value={draft.text}
          onChange={(event) => draft.set(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') draft.applyNow();
          }}
        />
      )}
    </Field>
  );
}
