import { useMutation } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useId, useState } from 'react';
import type { Publication, RetryManyPublicationsInput, SubStatus } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/toast.tsx';
import { CAUSES } from './looks.ts';
import { refreshPublishing } from './queries.ts';

function complain(error: unknown): void {
  notify({ title: 'Nothing was retried', detail: toFailure(error).message, tone: 'red' });
}

/** The box that stands for "somebody looked": without it nothing is sent a second time. */
function Consent({ isGiven, onChange }: { isGiven: boolean; onChange(isGiven: boolean): void }) {
  const id = useId();
  return (
    <label htmlFor={id} className="mt-3 flex items-start gap-2 text-ink">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 accent-accent"
        checked={isGiven}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>I checked, it is not published</span>
    </label>
  );
}

const SURE = 'Publishing again is safe: the platform took nothing.';
const UNSURE = 'It was sent, and the answer never came. Publishing it again may publish it twice.';

/** Publishes one again; an unclear one only with consent. */
export function RetryButton({ publication, size = 'normal' }: { publication: Publication; size?: 'normal' | 'small' }) {
  const [isChecked, setChecked] = useState(false);
  const isUnsure = publication.sub_status === 'unconfirmed';
  const retry = useMutation({
    mutationFn: () => client.publishing.publications.retry.mutate({ id: publication.id, confirmed_not_published: isUnsure && isChecked }),
    onSuccess: async () => {
      notify({ title: 'It is in the queue again' });
      await refreshPublishing();
    },
    onError: complain,
  });
  const label = (
    <>
      <RotateCcw aria-hidden className="size-3.5" /> Retry
    </>
  );
  if (!isUnsure) {
    return (
      <Button size={size} disabled={retry.isPending} aria-label={`Retry ${publication.id}`} onClick={() => retry.mutate()}>
        {label}
      </Button>
    );
  }
  return (
    <Confirm
      trigger={
        <Button size={size} disabled={retry.isPending} aria-label={`Retry ${publication.id}`} onClick={() => setChecked(false)}>
          {label}
        </Button>
      }
      title="Was it published?"
      action="Publish again"
      dismiss="Leave it"
      isReady={isChecked}
      onConfirm={() => retry.mutate()}
    >
      {UNSURE}
      <Consent isGiven={isChecked} onChange={setChecked} />
    </Confirm>
  );
}

type Scope = Pick<RetryManyPublicationsInput, 'platform' | 'campaign_id' | 'social_account_id'>;

/** Publishes everything that failed of one cause again: one expired token fails many. */
export function RetryCause({ cause, scope, count }: { cause: SubStatus; scope: Partial<Scope>; count?: number }) {
  const [isChecked, setChecked] = useState(false);
  const isUnsure = cause === 'unconfirmed';
  const retry = useMutation({
    mutationFn: () =>
      client.publishing.publications.retryMany.mutate({ ...scope, sub_status: cause, confirmed_not_published: isUnsure && isChecked }),
    onSuccess: async ({ retried, has_more: hasMore }) => {
      notify({
        title: `${plural(retried, 'publication')} in the queue again`,
        detail: hasMore ? 'There are more: retry again for the rest.' : '',
      });
      await refreshPublishing();
    },
    onError: complain,
  });
  const { word, hint } = CAUSES[cause];
  return (
    <Confirm
      trigger={
        <Button size="small" disabled={retry.isPending} onClick={() => setChecked(false)}>
          <RotateCcw aria-hidden className="size-3.5" /> Retry {count === undefined ? 'all' : `all ${count}`}: {word.toLowerCase()}
        </Button>
      }
      title={`Retry everything that failed: ${word.toLowerCase()}`}
      action="Retry them"
      dismiss="Leave them"
      isReady={!isUnsure || isChecked}
      onConfirm={() => retry.mutate()}
    >
      {isUnsure ? UNSURE : `${SURE} ${hint}`}
      {isUnsure && <Consent isGiven={isChecked} onChange={setChecked} />}
    </Confirm>
  );
}
