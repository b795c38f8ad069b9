import { useQuery } from '@tanstack/react-query';
import { BellOff, CircleAlert, CircleCheck, Eye, MessageSquareText, RotateCcw, Send, UserCheck } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Delivery } from '@tidemark/core/alerts/contract';
import { MAX_NOTES, type Note } from '@tidemark/core/notes/contract';
import type { Outage } from '@tidemark/core/outages/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, plural } from '../../lib/format.ts';
import { useMay } from '../../lib/session.ts';
import { trpc } from '../../lib/trpc.ts';
import { cn } from '../../ui/class-names.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { DELIVERY_LOOK, Status, TONE_TEXT } from '../../ui/status.tsx';
import type { Tone } from '../../ui/status.tsx';
import { FullMoment } from '../../ui/time.tsx';
import { NewNote, NoteEntry } from './notes.tsx';

interface Entry {
  key: string;
  at: string;
  icon: LucideIcon;
  tone: Tone;
  /** With its moment, where it tells that itself. */
  text: ReactNode;
  isWhole?: boolean;
}

const NOTICES: Record<string, string> = {
  opened: 'Outage',
  reminder: 'Reminder',
  resolved: 'Recovery',
  flapping: 'Flapping',
  test: 'Test',
};

function ofDelivery(delivery: Delivery): Entry {
  return {
    key: delivery.id,
    at: delivery.delivered_at ?? delivery.created_at,
    icon: Send,
    tone: DELIVERY_LOOK[delivery.status].tone,
    text: (
      <>
        {NOTICES[delivery.kind] ?? delivery.kind} to {delivery.channel_name}{' '}
        <Status look={DELIVERY_LOOK[delivery.status]} className="ml-1" />
        {delivery.attempts > 1 && <span className="text-xs text-ink-mute"> after {delivery.attempts} tries</span>}
        {delivery.last_error !== null && delivery.status !== 'delivered' && (
          <span className="block text-xs break-words text-red">{delivery.last_error}</span>
        )}
      </>
    ),
  };
}

function ofNote(note: Note): Entry {
  return { key: note.id, at: note.created_at, icon: MessageSquareText, tone: 'blue', text: <NoteEntry note={note} />, isWhole: true };
}

/** What happened, in order; several things at one moment keep the order in which they follow from each other. */
function entriesOf(outage: Outage, told: readonly Entry[]): Entry[] {
  const detection = Date.parse(outage.confirmed_at) - Date.parse(outage.opened_at);
  const entries: Entry[] = [
    { key: 'opened', at: outage.opened_at, icon: CircleAlert, tone: 'red', text: 'First failure detected' },
    {
      key: 'confirmed',
      at: outage.confirmed_at,
      icon: Eye,
      tone: 'red',
      text: `Outage confirmed${detection > 0 ? ` ${formatDuration(detection)} later` : ' at once'}`,
    },
    ...told,
  ];
  if (outage.is_suppressed)
    entries.push({
      key: 'held',
      at: outage.confirmed_at,
      icon: BellOff,
      tone: 'grey',
      text: 'No notice was sent: what it depends on was down',
    });
  if (outage.acknowledged_at !== null)
    entries.push({
      key: 'ack',
      at: outage.acknowledged_at,
      icon: UserCheck,
      tone: 'amber',
      text: `Acknowledged by ${outage.acknowledged_by_name ?? outage.acknowledged_by ?? 'somebody'}`,
    });
  if (outage.reopen_count > 0)
    entries.push({
      key: 'reopened',
      at: outage.confirmed_at,
      icon: RotateCcw,
      tone: 'amber',
      text: `Failed again after a recovery, ${plural(outage.reopen_count, 'time')}`,
    });
  if (outage.resolved_at !== null)
    entries.push({
      key: 'resolved',
      at: outage.resolved_at,
      icon: CircleCheck,
      tone: 'green',
      text: outage.resolution === 'manual' ? `Resolved by ${outage.resolved_by_name ?? 'a person'}` : 'First pass of the recovery',
    });
  return entries.toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at));
}

function TimelineEntry({ entry: { at, icon: Icon, tone, text, isWhole = false } }: { entry: Entry }) {
  return (
    <li className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 pb-4 last:pb-0 not-last:before:absolute not-last:before:top-5 not-last:before:bottom-0 not-last:before:left-[0.59rem] not-last:before:w-px not-last:before:bg-line">
      <Icon aria-hidden className={cn('mt-0.5 size-5', TONE_TEXT[tone])} />
      {isWhole ? (
        text
      ) : (
        <span className="text-sm">
          {text}
          <span className="block text-xs text-ink-mute">
            <FullMoment at={at} />
          </span>
        </span>
      )}
    </li>
  );
}

/** From the first failure to the recovery, with who was told of it and whether that arrived, and what people wrote about it. */
export function OutageTimeline({ outage }: { outage: Outage }) {
  const deliveries = useQuery(trpc.deliveries.list.queryOptions({ outage_id: outage.id, limit: 200 }));
  const notes = useQuery(trpc.outages.notes.list.queryOptions({ id: outage.id, limit: MAX_NOTES }, { placeholderData: () => undefined }));
  const mayWrite = useMay('operator');
  const nobody = deliveries.data?.items.length === 0 && !outage.is_suppressed;
  // Oldest first, as everything here.
  const written = (notes.data?.items ?? []).toReversed();
  const entries = entriesOf(outage, [...(deliveries.data?.items ?? []).map(ofDelivery), ...written.map(ofNote)]);
  const parts = [
    { what: 'Notices could not be read.', query: deliveries },
    { what: 'Notes could not be read.', query: notes },
  ];
  return (
    <Panel title="What happened">
      {parts.map(
        ({ what, query }) =>
          query.error !== null && (
            <FailureStrip key={what} what={what} failure={toFailure(query.error)} onRetry={() => void query.refetch()} />
          ),
      )}
      <ol className="flex flex-col gap-0 px-4 py-3">
        {entries.map((entry) => (
          <TimelineEntry key={entry.key} entry={entry} />
        ))}
      </ol>
      {nobody && (
        <p className="border-t border-line px-4 py-2 text-sm text-ink-soft">Nobody was told: the alert policy names no channel.</p>
      )}
      {mayWrite && <NewNote key={outage.id} outageId={outage.id} />}
    </Panel>
  );
}
