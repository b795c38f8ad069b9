import { useMutation } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import type { Publication } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDateTime } from '../../lib/format.ts';
import { client } from '../../lib/trpc.ts';
import { isoToWallTime, wallTimeToIso } from '../../lib/zone.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useZone } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshPublishing } from './queries.ts';

function useReschedule({ id, scheduled_for: before }: Publication, onDone: () => void) {
  const timeZone = useZone();
  const set = useMutation({
    mutationFn: (at: string | null) => client.publishing.publications.update.mutate({ id, scheduled_for: at }),
    onSuccess: async (_, at) => {
      onDone();
      notify({
        title: at === null ? 'It is due now' : `It is due ${formatDateTime(at, timeZone)}`,
        detail: at === null ? '' : timeZone,
        ...(at === before ? {} : { undo: () => set.mutate(before) }),
      });
      await refreshPublishing();
    },
  });
  return set;
}

function TimeForm({ publication, onDone }: { publication: Publication; onDone(): void }) {
  const timeZone = useZone();
  const { scheduled_for: before } = publication;
  const [wall, setWall] = useState(() => (before === null ? '' : isoToWallTime(before, timeZone)));
  const [problem, setProblem] = useState<string>();
  const set = useReschedule(publication, onDone);
  const failure = set.error === null ? null : toFailure(set.error);
  return (
    <form
      noValidate
      className="flex w-72 flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const at = wall === '' ? null : wallTimeToIso(wall, timeZone);
        setProblem(wall !== '' && at === null ? 'is not a time of this zone' : undefined);
        if (wall === '' || at !== null) set.mutate(at);
      }}
    >
      <Field
        label="Publish at"
        hint={`In ${timeZone}. Empty: now.`}
        error={problem ?? failure?.issues.find(({ path }) => path === 'scheduled_for')?.message ?? failure?.message}
      >
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            className="field w-full"
            value={wall}
            onChange={(event) => setWall(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" className="self-end" disabled={set.isPending}>
        {wall === '' ? 'Publish now' : 'Set the time'}
      </Button>
    </form>
  );
}

/** Another time for a publication that waits; the notice offers the way back. */
export function Reschedule({ publication }: { publication: Publication }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Reschedule"
      opening={{ isOpen, onChange: setOpen }}
      trigger={
        <Button>
          <CalendarClock aria-hidden className="size-3.5" /> Reschedule
        </Button>
      }
    >
      <TimeForm publication={publication} onDone={() => setOpen(false)} />
    </Popover>
  );
}
