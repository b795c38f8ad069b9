import { Dialog } from '@base-ui/react/dialog';
import { useMutation } from '@tanstack/react-query';
import { CalendarX } from 'lucide-react';
import { useState } from 'react';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/format.ts';
import { MINUTE_MS } from '../../lib/ranges.ts';
import type { Span } from '../../lib/ranges.ts';
import { client } from '../../lib/trpc.ts';
import { isoToWallTime, wallTimeToIso } from '../../lib/zone.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { useZone } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { CloseAsks, useGuardedClose, useUnsaved } from '../../ui/unsaved.tsx';
import { refreshMonitors } from './actions.ts';

interface ExcludeFormProps {
  testId: string;
  /** What the page shows: the proposal. */
  span: Span;
  onDone(): void;
}

/** What the clocks of this browser and of the server may differ by. */
const CLOCK_MS = 2000;

/** Fields know minutes: the end of the one that is under way means now. */
function untilNow(end: string): string {
  const now = serverNow();
  const ms = Date.parse(end);
  return ms > now - CLOCK_MS && ms - now < 2 * MINUTE_MS ? new Date(now - CLOCK_MS).toISOString() : end;
}

function useExclude(testId: string, onDone: () => void) {
  return useMutation({
    mutationFn: (input: { from: string; to: string; reason: string }) => client.monitors.exclude.mutate({ test_id: testId, ...input }),
    onSuccess: async ({ id }) => {
      const undo = async (): Promise<void> => {
        await client.monitors.revokeExclusion.mutate({ test_id: testId, id });
        await refreshMonitors();
      };
      notify({ title: 'Left out of the figures', undo: () => void undo() });
      onDone();
      await refreshMonitors();
    },
  });
}

function ExcludeForm({ testId, span, onDone }: ExcludeFormProps) {
  const timeZone = useZone();
  const [from, setFrom] = useState(() => isoToWallTime(new Date(span.from).toISOString(), timeZone));
  const [to, setTo] = useState(() => isoToWallTime(new Date(span.to).toISOString(), timeZone));
  const [reason, setReason] = useState('');
  const unsaved = useUnsaved({ from, to, reason });
  const exclude = useExclude(testId, () => {
    unsaved.settle();
    onDone();
  });
  const start = wallTimeToIso(from, timeZone);
  const end = wallTimeToIso(to, timeZone);
  const length = start === null || end === null ? null : Date.parse(end) - Date.parse(start);
  const isReady = length !== null && length > 0 && reason.trim() !== '';
  return (
    <form
      className="mt-3 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && start !== null && end !== null) exclude.mutate({ from: start, to: untilNow(end), reason: reason.trim() });
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={`From (${timeZone})`}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              className="field w-full"
              value={from}
              onChange={(event) => setFrom(event.target.value)}
            />
          )}
        </Field>
        <Field label={`To (${timeZone})`} error={length !== null && length <= 0 ? 'must lie after the beginning' : undefined}>
          {(control) => (
            <input {...control} type="datetime-local" className="field w-full" value={to} onChange={(event) => setTo(event.target.value)} />
          )}
        </Field>
      </div>
      <Field label="Reason" hint="Kept on record with your name">
        {(control) => (
          <input {...control} className="field w-full" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        )}
      </Field>
      {exclude.error !== null && <FailureStrip what="Nothing was excluded." failure={toFailure(exclude.error)} />}
      <div className="mt-2 flex justify-end gap-2">
        <Dialog.Close className={buttonClass()}>Keep all time</Dialog.Close>
        <Button type="submit" variant="primary" disabled={!isReady || exclude.isPending}>
          Exclude {length !== null && length > 0 ? formatDuration(length) : ''}
        </Button>
      </div>
      {unsaved.question}
    </form>
  );
}

/** Takes a stretch of the past out of the figures, with a reason; it can be taken back. */
export function ExcludeDialog({ testId, span }: { testId: string; span: Span }) {
  const [isOpen, setOpen] = useState(false);
  const { asks, close } = useGuardedClose(() => setOpen(false));
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? setOpen(true) : close())}>
      <Dialog.Trigger render={<Button size="small" />}>
        <CalendarX aria-hidden className="size-3.5" /> Exclude time
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
          <Dialog.Title className="text-base font-semibold">Exclude time from the figures</Dialog.Title>
          <Dialog.Description className="mt-2 text-sm text-ink-soft">
            For time in which the monitor was wrong, not its target. The runs stay in the history.
          </Dialog.Description>
          <CloseAsks value={asks}>{isOpen && <ExcludeForm testId={testId} span={span} onDone={() => setOpen(false)} />}</CloseAsks>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
