import type { SubjectName, Trial } from './trial.ts';

export const SUITES = [
  'limits',
  'queue',
  'http',
  'create',
  'checkpoints',
  'latency',
  'stats',
  'embedded',
  'decay',
  'idle',
  'uptime',
  'record',
] as const;
export type Suite = (typeof SUITES)[number];

/** How much is measured. */
export interface Sizes {
  /** Jobs of the batched cases; single-job cases take a fifth. */
  readonly jobs: number;
  readonly agents: number;
  /** Jobs per lease of the two batched cases. */
  readonly leases: readonly [number, number];
  /** Rows of the two statistics cases, and jobs of the long run. */
  readonly rows: readonly [number, number];
  readonly long_run: number;
  readonly samples: number;
  readonly idle_seconds: number;
  readonly rounds: number;
}

const BATCH = 1000;
const BATCHES_IN_FLIGHT = 4;
/** pgbench's clients in the raw life cycle: one per core does best. */
const RAW_CLIENTS = 2;
const RAW_LEASES = [100, 1000] as const;

type Case = Pick<Trial, 'name' | 'verb' | 'params' | 'is_once'>;

const onEach = (one: Case, subjects: readonly SubjectName[]): Trial[] => subjects.map((subject) => ({ ...one, subject }));

const SINGLE_RIVALS = ['pg-boss', 'graphile-worker', 'bullmq-redis', 'bullmq-postgres'] as const;
const BATCHED_RIVALS = ['pg-boss-batched', 'graphile-worker-tuned', 'bullmq-redis', 'bullmq-postgres'] as const;

/** The cases that several suites share, by size. */
function lifecycles(sizes: Sizes): { one: Case; ten: Case; fifty: Case; best: Case; raw: Trial[] } {
  const { agents, jobs, leases } = sizes;
  const of = (name: string, n: number, lease: number): Case => ({ name, verb: 'lifecycle', params: { n, agents, lease } });
  return {
    one: of('one', Math.ceil(jobs / 5), 1),
    ten: of('ten', jobs, leases[0]),
    fifty: of('fifty', jobs, leases[1]),
    best: of('best', jobs, 1),
    raw: RAW_LEASES.map((lease) => ({
      name: `raw-${lease}`,
      verb: 'lifecycle',
      subject: 'raw',
      params: { n: jobs, agents: RAW_CLIENTS, lease },
    })),
  };
}

/** The rivals without batches are ten times slower: fewer jobs show their rate as well. */
function rivals(sizes: Sizes): Trial[] {
  const { one, best } = lifecycles(sizes);
  const fewer: Case = { ...best, params: one.params };
  return [
    ...onEach(one, SINGLE_RIVALS),
    ...BATCHED_RIVALS.map((subject) => ({ ...(subject.startsWith('bullmq') ? fewer : best), subject })),
  ];
}

const BUILDERS: Readonly<Record<Suite, (sizes: Sizes) => Trial[]>> = {
  limits: (sizes) => [{ name: 'limits', subject: 'raw', verb: 'limit', params: { n: Math.ceil(sizes.jobs / 10), agents: 1, lease: 1 } }],
  queue(sizes) {
    const { one, ten, fifty, raw } = lifecycles(sizes);
    return [...onEach(one, ['tidemark']), ...onEach(ten, ['tidemark']), ...onEach(fifty, ['tidemark']), ...rivals(sizes), ...raw];
  },
  http(sizes) {
    const { one, ten, fifty } = lifecycles(sizes);
    return [...onEach(one, ['tidemark-http']), ...onEach(ten, ['tidemark-http']), ...onEach(fifty, ['tidemark-http']), ...rivals(sizes)];
  },
  create(sizes) {
    const single: Case = { name: 'create-one', verb: 'create', params: { n: Math.ceil(sizes.jobs / 5), agents: sizes.agents, lease: 1 } };
    const batch: Case = {
      name: 'create-batch',
      verb: 'create',
      params: { n: Math.max(BATCH, sizes.jobs), agents: BATCHES_IN_FLIGHT, lease: BATCH },
    };
    return [...onEach(single, ['tidemark', 'tidemark-http', ...SINGLE_RIVALS]), ...onEach(batch, ['tidemark', ...SINGLE_RIVALS, 'raw'])];
  },
  checkpoints: (sizes) =>
    onEach({ name: 'checkpoints', verb: 'checkpoint', params: { n: Math.ceil(sizes.jobs / 2), agents: sizes.agents, lease: 1 } }, [
      'tidemark',
      'tidemark-single',
    ]),
  latency: (sizes) =>
    onEach({ name: 'latency', verb: 'latency', params: { n: sizes.samples, agents: 2, lease: 1 } }, [
      'tidemark',
      'tidemark-http',
      ...SINGLE_RIVALS,
    ]),
  stats(sizes) {
    const { one, ten } = lifecycles(sizes);
    const [small_rows, rows] = sizes.rows;
    const read: Case = {
      name: 'stats-large',
      verb: 'stats',
      is_once: true,
      params: { n: 500, agents: 1, lease: 1, rows, small_rows, repeats: sizes.rounds },
    };
    return [
      ...onEach(read, ['tidemark']),
      ...onEach(one, ['tidemark', 'tidemark-uncounted']),
      ...onEach(ten, ['tidemark', 'tidemark-uncounted']),
    ];
  },
  embedded(sizes) {
    const { ten, best } = lifecycles(sizes);
    const fewer = { ...ten, params: { ...ten.params, n: Math.ceil(sizes.jobs / 2) } };
    return [
      ...onEach(ten, ['tidemark']),
      ...onEach(fewer, ['tidemark-pglite']),
      ...onEach({ ...best, params: fewer.params }, ['pg-boss-pglite']),
    ];
  },
  decay: (sizes) => [
    {
      name: 'long-run',
      subject: 'tidemark',
      verb: 'decay',
      is_once: true,
      params: { n: sizes.long_run, agents: sizes.agents, lease: sizes.leases[1] },
    },
  ],
  uptime: (sizes) =>
    onEach({ name: 'uptime-one', verb: 'uptime', is_once: true, params: { n: 300, agents: 1, lease: 1, repeats: sizes.rounds } }, [
      'tidemark',
    ]),
  record: (sizes) =>
    onEach({ name: 'record', verb: 'record', params: { n: Math.max(2000, Math.ceil(sizes.jobs / 30)), agents: 1, lease: 100 } }, [
      'tidemark',
    ]),
  idle: (sizes) => [
    { name: 'idle', subject: 'tidemark-http', verb: 'idle', is_once: true, params: { n: sizes.idle_seconds, agents: 1, lease: 1 } },
  ],
};

/** What these suites measure, each trial once: suites share the cases they compare with. */
export function trialsOf(suites: readonly Suite[], sizes: Sizes): Trial[] {
  const byKey = new Map<string, Trial>();
  for (const suite of suites) {
    for (const trial of BUILDERS[suite](sizes)) {
      const key = `${trial.name}/${trial.subject}`;
      if (!byKey.has(key)) byKey.set(key, trial);
    }
  }
  return [...byKey.values()];
}
