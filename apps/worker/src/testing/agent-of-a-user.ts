// An agent's executor in the hands of an ordinary user; prints what the kernel let a command do that starts ever more processes.
import { startJob } from '@tidemark/sdk/testing';
import { createCommandExecutor } from '../executors/command/run-command.ts';
import { sandboxedContainment, sandboxProblem } from './containment.ts';

const LIMIT = 20;
/** The agent looks after the limit, too, and may be the first to end it. */
const TRIES = 10;

// At most 200, whatever the limit; each ends by itself.
const FORK = `
  open my $limits, '<', '/proc/self/limits'; my ($most) = map { /^Max processes\\s+(\\d+)/ ? $1 : () } <$limits>;
  my $started = 0;
  while ($started < 200) { my $pid = fork; last unless defined $pid; if ($pid == 0) { sleep 20; exit } $started++ }
  print "$most $started";`;

async function tryOnce(): Promise<string> {
  const payload = { command: ['perl', '-e', FORK], limits: { processes: LIMIT } };
  const outcome = await startJob(createCommandExecutor(sandboxedContainment()), payload).outcome;
  return outcome.op === 'complete' ? (outcome.output ?? '') : '';
}

let said = '';
for (let left = sandboxProblem === null ? TRIES : 0; said === '' && left > 0; left -= 1) said = await tryOnce();
process.stdout.write(JSON.stringify({ problem: sandboxProblem, limit: LIMIT, said }));
