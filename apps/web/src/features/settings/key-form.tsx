import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ROLES } from '@tidemark/core/access/contract';
import type { CreateKeyOutput, Role } from '@tidemark/core/access/contract';
import { toFailure } from '../../lib/failure.ts';
import type { Failure } from '../../lib/failure.ts';
import { serverNow } from '../../lib/clock.ts';
import { DAY_MS } from '../../lib/ranges.ts';
import { useStay } from '../../lib/session.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { FormFrame, problemOf } from './form-frame.tsx';

const ROLE_WORDS: Record<Role, string> = {
  viewer: 'Viewer: reads',
  operator: 'Operator: also creates, cancels, retries, acknowledges',
  admin: 'Administrator: also keys, people and settings',
  worker: 'Worker: agent calls only',
};

const LIVES = [
  { value: '', label: 'Does not expire' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
];

/** A key is shown here and nowhere else. */
export function MadeKey({ made, onDone }: { made: CreateKeyOutput; onDone(): void }) {
  useStay();
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${made.key}\n`], { type: 'text/plain' }));
    link.download = `${made.name.replaceAll(/[^\w.-]+/g, '-')}.key`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 px-5 py-4">
        <WarningStrip>Copy it now: it is not shown again.</WarningStrip>
        <Field label={`Key of ${made.name}`}>
          {(control) => (
            <input {...control} readOnly className="field font-mono text-xs" value={made.key} onFocus={(event) => event.target.select()} />
          )}
        </Field>
        <div className="flex gap-2">
          <CopyButton value={made.key} label="Copy the key" isNamed />
          <Button size="small" onClick={save}>
            Download
          </Button>
        </div>
      </div>
      <footer className="flex justify-end border-t border-line px-5 py-3">
        <Button variant="primary" onClick={onDone}>
          I have it
        </Button>
      </footer>
    </div>
  );
}

/** "nightly, imports" as a list; undefined when nothing is named. */
function namesIn(text: string): string[] | undefined {
  const names = text
    .split(/[\s,]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names;
}

interface Limits {
  queues: string;
  kinds: string;
  seesPayloads: boolean;
}

/** What a key may not touch, although its role could. */
function LimitFields({ limits, failure, onChange }: { limits: Limits; failure: Failure | null; onChange(limits: Limits): void }) {
  const id = useId();
  const problem = (field: string): string | undefined => failure?.issues.find((issue) => issue.path.startsWith(field))?.message;
  return (
    <fieldset className="flex flex-col gap-4 border-t border-line pt-4">
      <legend className="sr-only">Limits</legend>
      <TextField
        label="Only these queues"
        hint="Names with commas between. Empty: every queue."
        error={problem('queues')}
        value={limits.queues}
        onChange={(queues) => onChange({ ...limits, queues })}
      />
      <TextField
        label="Only these kinds"
        hint="Such as command, scan. Empty: every kind."
        error={problem('kinds')}
        value={limits.kinds}
        onChange={(kinds) => onChange({ ...limits, kinds })}
      />
      <label htmlFor={id} className="flex items-start gap-2 text-sm">
        <input
          id={id}
          type="checkbox"
          className="mt-0.5 size-4 accent-accent"
          checked={limits.seesPayloads}
          onChange={(event) => onChange({ ...limits, seesPayloads: event.target.checked })}
        />
        <span>Sees payloads and outputs of workloads</span>
      </label>
    </fieldset>
  );
}

export function KeyForm({ isFirst, onDone, onMade }: { isFirst: boolean; onDone(): void; onMade(): Promise<void> }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(isFirst ? 'admin' : 'operator');
  const [days, setDays] = useState('');
  const [limits, setLimits] = useState<Limits>({ queues: '', kinds: '', seesPayloads: true });
  const unsaved = useUnsaved({ name, role, days, limits });
  const create = useMutation({
    mutationFn: () =>
      client.keys.create.mutate({
        name,
        role,
        queues: namesIn(limits.queues),
        kinds: namesIn(limits.kinds),
        ...(limits.seesPayloads ? {} : { sees_payloads: false }),
        ...(days === '' ? {} : { expires_at: new Date(serverNow() + Number(days) * DAY_MS).toISOString() }),
      }),
    onSuccess: () => {
      unsaved.settle();
      // Not waited for: the first key ends what was open to everybody, and it has to be shown before that is noticed.
      void onMade();
    },
  });
  if (create.data !== undefined) return <MadeKey made={create.data} onDone={onDone} />;
  const failure = create.error === null ? null : toFailure(create.error);
  return (
    <FormFrame action="Make the key" isPending={create.isPending} unsaved={unsaved} onSubmit={() => create.mutate()}>
      {failure !== null && <FailureStrip what="No key was made." failure={failure} />}
      <TextField
        label="Name"
        hint="What uses it: “build agents”."
        error={problemOf(failure, 'name')}
        required
        maxLength={128}
        value={name}
        onChange={setName}
      />
      <Field label="Role" error={problemOf(failure, 'role')}>
        {(control) => (
          <Select
            {...control}
            options={ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))}
            value={role}
            onChange={(value) => setRole(ROLES.find((known) => known === value) ?? 'viewer')}
          />
        )}
      </Field>
      <Field label="Lives" error={problemOf(failure, 'expires_at')}>
        {(control) => <Select {...control} options={LIVES} value={days} onChange={setDays} />}
      </Field>
      <LimitFields limits={limits} failure={failure} onChange={setLimits} />
    </FormFrame>
  );
}
