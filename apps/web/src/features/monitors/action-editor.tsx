import { Select } from '../../ui/field.tsx';
import { AddRow } from './add-row.tsx';
import { problemAt } from './draft.ts';
import type { StepFieldsProps } from './step-fields.tsx';
import { RowTools } from './row-tools.tsx';
import { ACTIONS } from './step-draft.ts';
import type { ActionDraft } from './step-draft.ts';

const CHOICES = Object.entries(ACTIONS).map(([value, { label }]) => ({ value, label }));

interface ActionRowProps {
  action: ActionDraft;
  name: string;
  isWrong: boolean;
  onChange(part: Partial<ActionDraft>): void;
}

function ActionFields({ action, name, isWrong, onChange }: ActionRowProps) {
  const { target, value } = ACTIONS[action.do];
  return (
    <>
      <Select
        aria-label={`${name}: what to do`}
        value={action.do}
        options={CHOICES}
        onChange={(next) => onChange({ do: next as ActionDraft['do'] })}
      />
      {target !== null && (
        <input
          aria-label={`${name}: ${target}`}
          aria-invalid={isWrong}
          placeholder={target}
          className="field min-w-28 flex-1 font-mono text-xs"
          value={action.target}
          onChange={(event) => onChange({ target: event.target.value })}
        />
      )}
      {value !== null && (
        <input
          aria-label={`${name}: ${value}`}
          placeholder={value}
          className="field min-w-28 flex-1 font-mono text-xs"
          value={action.value}
          onChange={(event) => onChange({ value: event.target.value })}
        />
      )}
    </>
  );
}

/** What a browser does in a page, in order. */
export function BrowserFields({ step, path, problems, onChange }: StepFieldsProps) {
  const { actions } = step;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="label mb-1">Actions, in order</legend>
      {actions.map((action, index) => {
        const problem = problemAt(problems, `${path}.actions.${index}`);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- actions have no identity but their place
          <div key={index} className="flex flex-col gap-1">
            <div className="flex flex-wrap items-center gap-1.5">
              <ActionFields
                action={action}
                name={`Action ${index + 1}`}
                isWrong={problem !== undefined}
                onChange={(part) => onChange({ actions: actions.map((entry, at) => (at === index ? { ...entry, ...part } : entry)) })}
              />
              <RowTools noun="action" index={index} list={actions} onChange={(next) => onChange({ actions: next })} />
            </div>
            {problem !== undefined && <p className="text-xs font-medium text-red">{problem}</p>}
          </div>
        );
      })}
      <AddRow label="Add an action" onAdd={() => onChange({ actions: [...actions, { do: 'click', target: '', value: '' }] })} />
    </fieldset>
  );
}
