import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '@tidemark/core/access/contract';
import { toFailure } from '../../lib/failure.ts';
import { client } from '../../lib/trpc.ts';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { FormFrame, problemOf } from './form-frame.tsx';
import { MadeKey } from './key-form.tsx';

const OVERLAPS = [
  { value: '0', label: 'Not at all: it is refused from now on' },
  { value: '3600', label: 'An hour' },
  { value: '86400', label: 'A day' },
  { value: '604800', label: 'A week' },
] as const;

/** Puts a new key in the place of one, which goes on working for a while so that nothing stops. */
export function RotateForm({ row, onDone, onMade }: { row: ApiKey; onDone(): void; onMade(): Promise<void> }) {
  const [overlap, setOverlap] = useState('86400');
  const unsaved = useUnsaved(overlap);
  const rotate = useMutation({
    mutationFn: () => client.keys.rotate.mutate({ id: row.id, overlap_seconds: Number(overlap) }),
    onSuccess: () => {
      unsaved.settle();
      return onMade();
    },
  });
  if (rotate.data !== undefined) return <MadeKey made={rotate.data} onDone={onDone} />;
  const failure = rotate.error === null ? null : toFailure(rotate.error);
  return (
    <FormFrame action="Make the new key" isPending={rotate.isPending} unsaved={unsaved} onSubmit={() => rotate.mutate()}>
      {failure !== null && <FailureStrip what="Nothing was changed." failure={failure} />}
      <p className="text-sm text-ink-soft">
        The new key may do what <span className="font-medium text-ink">{row.name}</span> may do now. Workers that use the old one go on
        under the new one.
      </p>
      <Field label="The old key goes on working for" error={problemOf(failure, 'overlap_seconds')}>
        {(control) => <Select {...control} options={OVERLAPS} value={overlap} onChange={setOverlap} />}
      </Field>
    </FormFrame>
  );
}
