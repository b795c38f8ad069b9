import type { Command } from 'commander';
import { changeEach } from '../change-each.ts';
import type { Cli, Session } from '../session.ts';

interface Verb {
  readonly name: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly run: (cli: Cli, ids: readonly string[]) => Promise<number>;
}

const ID = 'wk_0mb1q2c3d4e5f6g7h8j9';

interface Changed {
  readonly id: string;
  readonly liveness: string;
  readonly drain_requested: boolean;
  readonly quarantined: boolean;
}

function describeChanged(worker: Changed): string {
  const notes = [worker.drain_requested ? 'asked to drain' : '', worker.quarantined ? 'quarantined' : ''].filter((note) => note !== '');
  return `${worker.id} ${worker.liveness}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

const VERBS: readonly Verb[] = [
  {
    name: 'drain',
    description: 'let workers finish what they hold and take nothing new',
    examples: [`tidemark worker drain ${ID}`],
    run: (cli, ids) => changeEach(cli, ids, { ask: (id) => cli.client.workers.drain.mutate({ id }), line: describeChanged }),
  },
  {
    name: 'resume',
    description: 'let draining workers take work again',
    examples: [`tidemark worker resume ${ID}`],
    run: (cli, ids) => changeEach(cli, ids, { ask: (id) => cli.client.workers.resume.mutate({ id }), line: describeChanged }),
  },
  {
    name: 'quarantine',
    description: 'give workers no more jobs, also after they restart; they may finish what they hold',
    examples: [`tidemark worker quarantine ${ID}`],
    run: (cli, ids) => changeEach(cli, ids, { ask: (id) => cli.client.workers.quarantine.mutate({ id }), line: describeChanged }),
  },
  {
    name: 'unquarantine',
    description: 'end the quarantine of workers',
    examples: [`tidemark worker unquarantine ${ID}`],
    run: (cli, ids) => changeEach(cli, ids, { ask: (id) => cli.client.workers.unquarantine.mutate({ id }), line: describeChanged }),
  },
  {
    name: 'forget',
    description: 'remove stopped or lost workers from the list; their sessions and history stay',
    examples: [
      `tidemark worker forget ${ID}`,
      `tidemark worker list --liveness lost --json | jq -r '.items[].id' | xargs tidemark worker forget`,
    ],
    run: (cli, ids) => changeEach(cli, ids, { ask: (id) => cli.client.workers.forget.mutate({ id }), line: ({ id }) => `${id} forgotten` }),
  },
];

/** What a person decides about workers: each verb takes ids, and changes nothing where it is so already. */
export function addChanges(worker: Command, session: Session): void {
  for (const verb of VERBS) {
    worker
      .command(verb.name)
      .description(verb.description)
      .argument('<id...>', 'ids of the workers')
      .addHelpText('after', `\nExamples:\n${verb.examples.map((example) => `  $ ${example}`).join('\n')}`)
      .action(session.action((cli, call) => verb.run(cli, call.args)));
  }
}
