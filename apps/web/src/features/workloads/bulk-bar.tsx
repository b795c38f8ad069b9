import { Ban, RotateCcw } from 'lucide-react';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { canDo, useActOnMany } from './actions.ts';
import type { Verb } from './actions.ts';

const VERBS = {
  cancel: { word: 'Cancel', icon: Ban, effect: 'Running ones are asked to stop and their output so far is kept.' },
  retry: { word: 'Retry', icon: RotateCcw, effect: 'They start over from their last checkpoint with a new budget of attempts.' },
} as const;

interface BulkActionProps {
  verb: Verb;
  rows: readonly WorkloadSummary[];
  isBusy: boolean;
  onConfirm(ids: string[]): void;
}

function BulkAction({ verb, rows, isBusy, onConfirm }: BulkActionProps) {
  const { word, icon: Icon, effect } = VERBS[verb];
  const eligible = rows.filter((row) => canDo(verb, row)).map((row) => row.id);
  const skipped = rows.length - eligible.length;
  return (
    <Confirm
      title={`${word} ${plural(eligible.length, 'workload')}?`}
      action={`${word} ${plural(eligible.length, 'workload')}`}
      dismiss="Keep as they are"
      isDangerous={verb === 'cancel'}
      onConfirm={() => onConfirm(eligible)}
      trigger={
        <Button size="small" disabled={eligible.length === 0 || isBusy}>
          <Icon aria-hidden className="size-3.5" /> {word} {eligible.length > 0 && eligible.length}
        </Button>
      }
    >
      {effect}
      {skipped > 0 &&
        ` ${plural(skipped, 'selected workload')} cannot be ${verb === 'cancel' ? 'cancelled' : 'retried'} in the present state and will be left alone.`}
    </Confirm>
  );
}

/** Takes the place of the filters while rows are selected. */
export function BulkBar({ rows, onClear }: { rows: readonly WorkloadSummary[]; onClear(): void }) {
  const act = useActOnMany(onClear);
  return (
    <div role="region" aria-label="Selected workloads" className="flex min-h-8 flex-wrap items-center gap-2">
      <span role="status" className="mr-2 text-sm font-semibold">
        {rows.length} selected
      </span>
      {(['cancel', 'retry'] as const).map((verb) => (
        <BulkAction key={verb} verb={verb} rows={rows} isBusy={act.isPending} onConfirm={(ids) => act.mutate({ verb, ids })} />
      ))}
      <Button variant="quiet" size="small" onClick={onClear}>
        Clear selection
      </Button>
    </div>
  );
}
