import { useMutation } from '@tanstack/react-query';
import { BellOff, BellRing, CircleCheck, UserCheck } from 'lucide-react';
import type { Outage } from '@tidemark/core/outages/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { HOUR_MS } from '../../lib/ranges.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { notify } from '../../ui/toast.tsx';

const SPANS = [
  { label: 'For an hour', ms: HOUR_MS },
  { label: 'For 8 hours', ms: 8 * HOUR_MS },
  { label: 'For a day', ms: 24 * HOUR_MS },
];

/** Reads what pages show of outages and their notes again. */
export function refresh(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.outages.pathKey() });
}

/** Says why something was refused, and shows how things are. */
export function refused(title: string) {
  return (error: unknown) => {
    notify({ title, detail: toFailure(error).message, tone: 'red' });
    void refresh();
  };
}

function Mute({ outage }: { outage: Outage }) {
  const mute = useMutation({
    mutationFn: (until: string | null) => client.outages.mute.mutate({ id: outage.id, until }),
    onSuccess: async (changed) => {
      notify({
        title: changed.muted_until === null ? 'Reminders go on' : 'Reminders are held back',
        detail: 'The recovery is told in any case.',
      });
      await refresh();
    },
    onError: refused('Could not mute it'),
  });
  const isMuted = outage.muted_until !== null && Date.parse(outage.muted_until) > serverNow();
  if (isMuted) {
    return (
      <Button disabled={mute.isPending} onClick={() => mute.mutate(null)}>
        <BellRing aria-hidden className="size-4" /> Unmute
      </Button>
    );
  }
  return (
    <Menu
      trigger={
        <Button disabled={mute.isPending}>
          <BellOff aria-hidden className="size-4" /> Mute
        </Button>
      }
    >
      {SPANS.map(({ label, ms }) => (
        <MenuItem key={label} onSelect={() => mute.mutate(new Date(serverNow() + ms).toISOString())}>
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** What a person may do about an outage that goes on. */
export function Actions({ outage }: { outage: Outage }) {
  const acknowledge = useMutation({
    mutationFn: () => client.outages.acknowledge.mutate({ id: outage.id }),
    onSuccess: async () => {
      notify({ title: 'Acknowledged', detail: 'Reminders stop; the recovery is still told.' });
      await refresh();
    },
    onError: refused('Could not acknowledge it'),
  });
  const resolve = useMutation({
    mutationFn: () => client.outages.resolve.mutate({ id: outage.id }),
    onSuccess: async () => {
      notify({ title: 'Resolved', detail: 'The next run says whether it is up.' });
      await refresh();
    },
    onError: refused('Could not resolve it'),
  });
  if (outage.status === 'resolved') return null;
  return (
    <>
      {outage.status === 'open' && (
        <Button variant="primary" disabled={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
          <UserCheck aria-hidden className="size-4" /> Acknowledge
        </Button>
      )}
      <Mute outage={outage} />
      <Confirm
        title="Resolve this outage?"
        action="Resolve"
        dismiss="Leave it open"
        onConfirm={() => resolve.mutate()}
        trigger={
          <Button disabled={resolve.isPending}>
            <CircleCheck aria-hidden className="size-4" /> Resolve
          </Button>
        }
      >
        It ends now, by your word. Whether its target is up is unknown until the next run; a further failure opens it again or opens another
        one.
      </Confirm>
    </>
  );
}
