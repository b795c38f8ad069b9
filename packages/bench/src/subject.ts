// One trial in a process of its own: asked over the IPC channel, answered there, then gone.
import { LOADERS } from './subjects/index.ts';
import type { Outcome, TrialRequest } from './trial.ts';

async function perform(request: TrialRequest): Promise<Outcome> {
  const { subject, verb } = request.trial;
  const work = (await LOADERS[subject]())[verb];
  if (work === undefined) throw new Error(`${subject} cannot do ${verb}`);
  return work(request);
}

process.once('message', (request: TrialRequest) => {
  perform(request).then(
    (outcome) => process.send?.({ outcome }, () => process.exit(0)),
    (error: unknown) =>
      process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }, () => process.exit(1)),
  );
});

// Whoever asked is gone: nobody is left to clean up after this process.
process.once('disconnect', () => process.exit(1));
