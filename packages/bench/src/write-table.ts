import type { Verdict } from './judge.ts';
import { figure, rowsOf } from './print.ts';
import type { Row } from './print.ts';
import type { Run, Summary } from './results.ts';

const SUBJECT_NOTES = `- \`tidemark\`: the engine in the measuring process, as the server runs it, with leases, attempts, events and counters.
- \`tidemark-http\`: the server as it ships, keys required, in a process of its own; agents in another one, a keep-alive connection each, calling \`jobs.report\`.
- \`tidemark-single\`: the same verbs with a statement and a commit per call, on 20 connections. \`tidemark-uncounted\`: the engine's statements without their counters.
- \`pg-boss\`: one job per fetch, fetching on while the backlog lasts (plain polling does two jobs a second and worker). \`pg-boss-batched\`: batches of 1,000, four local workers.
- \`graphile-worker\`: defaults. \`graphile-worker-tuned\`: \`localQueue.size\` 500, \`completeJobBatchDelay\` 0. It deletes finished jobs; the others keep them.
- \`bullmq-redis\`: append-only file synced every second, BullMQ's usual setting: a crash may lose a second. \`bullmq-postgres\`: its PostgreSQL backend.
- \`raw\`: the statements an engine cannot do without, by pgbench: claim with SKIP LOCKED, complete, insert the history; or \`unnest\` inserts from Node.`;

const METHOD = `One run measures every subject once per round, in an order that rotates; each measurement has a fresh process and a fresh database, with
\`VACUUM ANALYZE\` and \`CHECKPOINT\` before its clock starts. The clock stops when the last completion is committed. Then the tables are read back: every job was handed out
once and completed once, the counters equal \`GROUP BY\`, the log holds every event. A failed check voids the number. A ratio is taken within each round, then the median over
the rounds. **Trust the ratios, not the rates**: both sides of a ratio had the same machine, whatever else it was doing. A goal is *missed* when its median and two thirds of
its rounds miss it, and *unclear* when the rounds disagree or a physical limit moved by more than 1.6 within the run.

PostgreSQL runs with \`fsync\` on, \`shared_buffers\` 1 GB, \`max_wal_size\` 8 GB, 300 connections, everything else default. Client, server, agents and database share the cores,
nothing crosses a network. Peers are driven as their documentation describes; their versions are pinned.`;

function bound(verdict: Verdict): string {
  return `${verdict.bound === 'at least' ? '≥' : '≤'} ${verdict.must}`;
}

const orDash = (value: number | null): string => (value === null ? '–' : figure(value));

function goalLine(verdict: Verdict): string {
  return `| ${verdict.statement} | ${bound(verdict)} | ${orDash(verdict.min)} | ${orDash(verdict.median)} | ${orDash(verdict.max)} | ${verdict.result} |`;
}

function rowLine(row: Row): string {
  const cells = [
    row.case,
    row.subject,
    row.n.toLocaleString('en-US'),
    figure(row.min),
    figure(row.median),
    figure(row.max),
    row.unit,
    orDash(row.p99),
    row.voided > 0 ? `${row.voided} void` : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function shortfalls(goals: readonly Verdict[]): string {
  const missed = goals.filter((goal) => goal.result === 'missed');
  const unclear = goals.filter((goal) => goal.result === 'unclear');
  const unmeasured = goals.filter((goal) => goal.result === 'unmeasured');
  const list = (all: readonly Verdict[]): string =>
    all.map((goal) => `- ${goal.statement}: ${orDash(goal.median)}, promised ${bound(goal)}`).join('\n');
  const parts = [
    missed.length === 0 ? '' : `Missed:\n\n${list(missed)}`,
    unclear.length === 0 ? '' : `Unclear, the machine was too busy to tell:\n\n${list(unclear)}`,
    unmeasured.length === 0 ? '' : `Not measured in this run:\n\n${unmeasured.map((goal) => `- ${goal.statement}`).join('\n')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'None in this run.' : parts.join('\n\n');
}

function hostLine({ facts }: Run): string {
  const { host, sizes } = facts;
  const packages = Object.entries(host.packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return `Measured ${facts.started_at.slice(0, 10)} at ${host.commit}: ${host.cpu}, ${host.cores} cores, ${host.memory_gb} GB, ${host.system}; Node ${host.node}, PostgreSQL ${host.postgres}, Redis ${host.redis ?? 'none'}; ${packages}.
${sizes.rounds} rounds, ${sizes.jobs.toLocaleString('en-US')} jobs in the batched cases, ${sizes.agents} agents or concurrent handlers.`;
}

/** The page docs/performance.md: goals first, then what fell short, every number, and how it was done. */
export function writeTable(run: Run, summary: Summary, note = ''): string {
  return `# Performance

<!-- Written by \`pnpm bench all --docs\`; run it again instead of editing. -->

${hostLine(run)}${note === '' ? '' : `\n\n**${note}**`}

## Goals

Each is a ratio: Tidemark / the other side. Rates should be high, latencies low.

| ratio | promised | smallest | median | largest | |
| --- | ---: | ---: | ---: | ---: | --- |
${summary.goals.map(goalLine).join('\n')}

## Shortfalls

${shortfalls(summary.goals)}

## Numbers

| case | subject | n | smallest | median | largest | unit | p99 | |
| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | --- |
${rowsOf(run.records).map(rowLine).join('\n')}

\`one\`, \`ten\`, \`fifty\`: complete that many jobs and lease the next in each call. \`best\`: a peer at its fastest documented settings. A latency is the median of its samples.

## Subjects

${SUBJECT_NOTES}

## Method

${METHOD}

## Repeat it

\`\`\`sh
pnpm bench all --quick          # three rounds of 50,000 jobs
pnpm bench all --docs           # the full run, and this page
pnpm bench queue http --subjects tidemark,tidemark-http --profile
pnpm bench check                # judges the newest results; exits 1 when a goal was missed
pnpm bench cost                 # processor time and log bytes per job, by phase and statement
\`\`\`
`;
}
