import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { Failure } from '../../lib/failure.ts';
import { Button } from '../../ui/button.tsx';
import { useDraft } from '../../ui/draft.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { readDraft } from './draft.ts';
import type { DefinitionInput, Draft, Problems } from './draft.ts';
import { FormFields } from './form-fields.tsx';
import { TryPanel } from './try-panel.tsx';

interface MonitorFormProps {
  /** What it begins with; as long as nothing is edited, also what it becomes. */
  initial: Draft;
  isNew: boolean;
  /** Begins with the box for a curl command. */
  hasCurl?: boolean;
  /** "Create monitor". */
  action: string;
  isPending: boolean;
  failure: Failure | null;
  /** `settle` is called once what is submitted here is saved. */
  onSubmit(input: DefinitionInput, form: { channel_ids: string[]; settle(): void }): void;
}

/** The definition on one side, a trial of it on the other. */
export function MonitorForm({ initial, isNew, hasCurl = false, action, isPending, failure, onSubmit }: MonitorFormProps) {
  const { draft, setDraft, unsaved, notice } = useDraft(initial);
  const [problems, setProblems] = useState<Problems>({});
  const form = useRef<HTMLFormElement>(null);
  const shown =
    failure === null ? problems : { ...problems, ...Object.fromEntries(failure.issues.map(({ path, message }) => [path, message])) };
  const refuse = (found: Problems): void => {
    setProblems(found);
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const result = readDraft(draft);
    if (result.ok) onSubmit(result.input, { channel_ids: draft.channel_ids, settle: unsaved.settle });
    else refuse(result.problems);
  };
  const count = Object.keys(shown).length;
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex min-h-0 flex-1 flex-col">
      <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto px-5 py-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        {notice !== null && <div className="lg:col-span-2">{notice}</div>}
        <FormFields
          draft={draft}
          problems={shown}
          isNew={isNew}
          hasCurl={hasCurl}
          onChange={(part) => {
            setDraft((last) => ({ ...last, ...part }));
            setProblems({});
          }}
        />
        <div className="flex flex-col gap-4">{draft.type === 'synthetic' && <TryPanel draft={draft} onProblems={refuse} />}</div>
      </div>
      <footer className="flex flex-wrap items-center gap-3 border-t border-line px-5 py-3">
        <Button type="submit" variant="primary" disabled={isPending}>
          {action}
        </Button>
        {count > 0 && (
          <span role="alert" className="text-sm text-red">
            {count === 1 ? Object.entries(shown).map(([path, message]) => `${path}: ${message}`) : `${count} fields do not fit.`}
          </span>
        )}
        {failure !== null && failure.issues.length === 0 && <FailureStrip what="Not saved." failure={failure} />}
      </footer>
      {unsaved.question}
    </form>
  );
}
