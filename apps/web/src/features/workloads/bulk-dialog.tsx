import { Dialog } from '@base-ui/react/dialog';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { BulkAction, BulkPreview } from '@tidemark/core/operations/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { toFilter } from './search.ts';
import type { WorkloadSearch } from './search.ts';

const WORDS = {
  cancel: {
    verb: 'Cancel',
    effect: 'Pending ones never run. Running ones are asked to stop; their output so far is kept, the attempt is lost.',
  },
  retry: { verb: 'Retry', effect: 'They are queued again from their last checkpoint, with a new budget of attempts.' },
} as const;
const TYPED_ABOVE = 20;

/** "3,812 match; 14 are running." */
function describePreview({ count, by_status: byStatus }: BulkPreview): string {
  const parts = Object.entries(byStatus).map(([status, matching]) => `${formatCount(matching)} ${matching === 1 ? 'is' : 'are'} ${status}`);
  const split = parts.length > 1 || byStatus['running'] !== undefined ? `; ${parts.join(', ')}` : '';
  return `${plural(count, 'workload')} ${count === 1 ? 'matches' : 'match'}${split}.`;
}

interface BulkDialogProps {
  action: BulkAction | null;
  search: WorkloadSearch;
  onClose(): void;
}

function useBulk(action: BulkAction, search: WorkloadSearch) {
  const navigate = useNavigate();
  // The question stays the one that was asked, however long it is read.
  const [filter] = useState(() => toFilter(search, serverNow()));
  const preview = useQuery({
    queryKey: [...trpc.operations.pathKey(), 'preview', action, filter],
    queryFn: () => client.operations.preview.mutate({ action, filter }),
    placeholderData: () => undefined,
    staleTime: 0,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: () => client.operations.start.mutate({ action, filter }),
    onSuccess: async (operation) => {
      void queryClient.invalidateQueries({ queryKey: trpc.operations.pathKey() });
      await navigate({ to: '/activity/bulk/$id', params: { id: operation.id } });
    },
  });
  return { preview, start };
}

function Question({ action, search, onClose }: BulkDialogProps & { action: BulkAction }) {
  const { preview, start } = useBulk(action, search);
  const [typed, setTyped] = useState('');
  const count = preview.data?.count;
  const { verb, effect } = WORDS[action];
  const needsTyping = action === 'cancel' && count !== undefined && count > TYPED_ABOVE;
  const isReady = count !== undefined && count > 0 && (!needsTyping || typed.trim().replaceAll(',', '') === String(count));
  const failure = preview.error ?? start.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) start.mutate();
      }}
    >
      <Dialog.Title className="text-base font-semibold">{verb} all that match?</Dialog.Title>
      <div className="mt-2 flex flex-col gap-3 text-sm text-ink-soft">
        {preview.data === undefined ? (
          failure === null && <Skeleton className="h-4 w-64" />
        ) : (
          <p role="status" className="font-medium text-ink">
            {count === 0 ? `Nothing that matches can be ${action === 'cancel' ? 'cancelled' : 'retried'}.` : describePreview(preview.data)}
          </p>
        )}
        <p>
          {effect} What is in another state, or is created later, is left alone. It goes on in the background, shows a result for each, and
          can be stopped.
        </p>
        {needsTyping && (
          <Field label={`Type ${count} to confirm`}>
            {(control) => (
              <input
                {...control}
                className="field w-32"
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
        )}
        {failure !== null && (
          <FailureStrip what="Nothing was started." failure={toFailure(failure)} onRetry={() => void preview.refetch()} />
        )}
      </div>
      <div className="mt-5 flex justify-end gap-2">
        <Dialog.Close className={buttonClass()} onClick={onClose}>
          Leave them
        </Dialog.Close>
        <Button type="submit" variant={action === 'cancel' ? 'danger' : 'primary'} disabled={!isReady || start.isPending}>
          {verb} {count === undefined ? '' : plural(count, 'workload')}
        </Button>
      </div>
    </form>
  );
}

/** Asks before something is done to everything that the filters match, and says what that is. */
export function BulkDialog({ action, search, onClose }: BulkDialogProps) {
  return (
    <Dialog.Root
      open={action !== null}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
          {action !== null && <Question action={action} search={search} onClose={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
