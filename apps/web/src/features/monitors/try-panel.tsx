import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { RouterOutputs } from '@tidemark/api';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/format.ts';
import { picturesOf, stepsOf } from '../../lib/run-result.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { RunPictures, RunSteps, toShown } from '../../ui/run-steps.tsx';
import { runLook, Status } from '../../ui/status.tsx';
import { Elapsed } from '../../ui/time.tsx';
import { serverNow } from '../../lib/clock.ts';
import { readTrial } from './draft.ts';
import type { Draft, Problems } from './draft.ts';

function Outcome({ run }: { run: RouterOutputs['monitors']['try'] }) {
  const steps = stepsOf(run).map(toShown);
  const pictures = picturesOf(run);
  return (
    <div className="flex flex-col gap-2">
      <p className="flex flex-wrap items-center gap-x-2 text-sm">
        <Status look={runLook(run)} /> in {formatDuration(run.duration_ms)}
        {!run.passed && steps.length === 0 && <span className="text-red">{run.error}</span>}
      </p>
      <div className="overflow-hidden rounded-lg border border-line">
        <RunSteps steps={steps} />
        {pictures.length > 0 && <RunPictures pictures={pictures} steps={steps} />}
      </div>
    </div>
  );
}

/** Runs what the form says once, on a real worker, before anything is saved. */
export function TryPanel({ draft, onProblems }: { draft: Draft; onProblems(problems: Problems): void }) {
  const [startedAt, setStartedAt] = useState('');
  const trial = useMutation({ mutationFn: (input: Parameters<typeof client.monitors.try.mutate>[0]) => client.monitors.try.mutate(input) });
  const start = (): void => {
    const result = readTrial(draft);
    if (!result.ok) return onProblems(result.problems);
    setStartedAt(new Date(serverNow()).toISOString());
    return trial.mutate(result.input);
  };
  return (
    <section aria-label="Trial" className="flex flex-col gap-3">
      <div className="flex items-center gap-3">
        <Button onClick={start} disabled={trial.isPending}>
          <FlaskConical aria-hidden className="size-4" /> Try it
        </Button>
        <span role="status" className="text-sm text-ink-soft">
          {trial.isPending ? (
            <>
              Running on a worker, <Elapsed ms={null} since={startedAt} />
            </>
          ) : (
            trial.data === undefined && 'Runs once on a worker, shows what came back, and saves nothing.'
          )}
        </span>
      </div>
      {trial.error !== null && <FailureStrip what="The trial did not run." failure={toFailure(trial.error)} />}
      {trial.data !== undefined && !trial.isPending && <Outcome run={trial.data} />}
    </section>
  );
}
