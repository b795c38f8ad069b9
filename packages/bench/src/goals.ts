/** Where a value comes from: the case and the subject of a measurement. */
export interface Source {
  readonly name: string;
  readonly subject: string;
}

/** A promise about a ratio. Without `under` the value itself is judged. */
export interface Goal {
  readonly id: string;
  readonly statement: string;
  readonly over: Source;
  /** The best of these in each round is the other side. */
  readonly under: readonly Source[];
  readonly bound: 'at least' | 'at most';
  readonly must: number;
}

const at = (name: string, subject: string): Source => ({ name, subject });

const BATCHED = [
  at('best', 'pg-boss-batched'),
  at('best', 'graphile-worker-tuned'),
  at('best', 'bullmq-redis'),
  at('best', 'bullmq-postgres'),
];
const CREATE_BATCH = ['pg-boss', 'graphile-worker', 'bullmq-redis', 'bullmq-postgres'].map((subject) => at('create-batch', subject));

function least(id: string, statement: string, rest: { over: Source; under: readonly Source[]; must: number }): Goal {
  return { id, statement, bound: 'at least', ...rest };
}
function most(id: string, statement: string, rest: { over: Source; under: readonly Source[]; must: number }): Goal {
  return { id, statement, bound: 'at most', ...rest };
}

/** **Source:** the ratios of a prototype of this design on two cores, less what authentication and validation may cost. */
export const GOALS: readonly Goal[] = [
  least('http-1-pgboss', 'over HTTP, one job per call / pg-boss', {
    over: at('one', 'tidemark-http'),
    under: [at('one', 'pg-boss')],
    must: 3.5,
  }),
  least('http-1-graphile', 'over HTTP, one job per call / graphile-worker', {
    over: at('one', 'tidemark-http'),
    under: [at('one', 'graphile-worker')],
    must: 1.5,
  }),
  least('http-10-pgboss', 'over HTTP, ten per call / pg-boss batched', {
    over: at('ten', 'tidemark-http'),
    under: [at('best', 'pg-boss-batched')],
    must: 0.8,
  }),
  least('http-10-bullmq', 'over HTTP, ten per call / BullMQ on Redis', {
    over: at('ten', 'tidemark-http'),
    under: [at('best', 'bullmq-redis')],
    must: 1.5,
  }),
  least('http-50-best', 'over HTTP, fifty per call / best rival without HTTP', {
    over: at('fifty', 'tidemark-http'),
    under: BATCHED,
    must: 1,
  }),
  least('core-1-pgboss', 'in process, one per turn / pg-boss', { over: at('one', 'tidemark'), under: [at('one', 'pg-boss')], must: 12 }),
  least('core-1-graphile', 'in process, one per turn / graphile-worker', {
    over: at('one', 'tidemark'),
    under: [at('one', 'graphile-worker')],
    must: 5,
  }),
  least('core-1-bullmq', 'in process, one per turn / BullMQ on Redis', {
    over: at('one', 'tidemark'),
    under: [at('one', 'bullmq-redis')],
    must: 1.4,
  }),
  least('core-10-best', 'in process, ten per lease / best rival', { over: at('ten', 'tidemark'), under: BATCHED, must: 1.3 }),
  least('core-50-best', 'in process, fifty per lease / best rival', { over: at('fifty', 'tidemark'), under: BATCHED, must: 1.5 }),
  least('core-10-raw', 'in process, ten per lease / raw statements of 100', {
    over: at('ten', 'tidemark'),
    under: [at('raw-100', 'raw')],
    must: 0.65,
  }),
  least('core-50-raw', 'in process, fifty per lease / raw statements of 1,000', {
    over: at('fifty', 'tidemark'),
    under: [at('raw-1000', 'raw')],
    must: 0.5,
  }),
  least('create-1-pgboss', 'create, 50 in flight / pg-boss', {
    over: at('create-one', 'tidemark'),
    under: [at('create-one', 'pg-boss')],
    must: 12,
  }),
  least('create-1-graphile', 'create, 50 in flight / graphile-worker', {
    over: at('create-one', 'tidemark'),
    under: [at('create-one', 'graphile-worker')],
    must: 12,
  }),
  least('create-1-bullmq', 'create, 50 in flight / BullMQ on Redis', {
    over: at('create-one', 'tidemark'),
    under: [at('create-one', 'bullmq-redis')],
    must: 1.2,
  }),
  least('create-1000-best', 'create, batches of 1,000 / best rival', {
    over: at('create-batch', 'tidemark'),
    under: CREATE_BATCH,
    must: 1.8,
  }),
  least('create-1000-raw', 'create, batches of 1,000 / raw unnest', {
    over: at('create-batch', 'tidemark'),
    under: [at('create-batch', 'raw')],
    must: 0.65,
  }),
  least('checkpoints', 'checkpoints, group commit / single statements', {
    over: at('checkpoints', 'tidemark'),
    under: [at('checkpoints', 'tidemark-single')],
    must: 5,
  }),
  most('latency-bullmq', 'idle create-to-start in process / BullMQ on Redis', {
    over: at('latency', 'tidemark'),
    under: [at('latency', 'bullmq-redis')],
    must: 1.2,
  }),
  most('latency-graphile', 'idle create-to-start in process / graphile-worker', {
    over: at('latency', 'tidemark'),
    under: [at('latency', 'graphile-worker')],
    must: 0.6,
  }),
  most('latency-http', 'idle create-to-start over HTTP / graphile-worker', {
    over: at('latency', 'tidemark-http'),
    under: [at('latency', 'graphile-worker')],
    must: 1.2,
  }),
  most('stats-select', 'statistics of the large table / SELECT 1', {
    over: at('stats-large', 'tidemark'),
    under: [at('stats-large', 'select-1')],
    must: 2,
  }),
  most('stats-growth', 'statistics of the large table / of the small one', {
    over: at('stats-large', 'tidemark'),
    under: [at('stats-small', 'tidemark')],
    must: 1.3,
  }),
  most('uptime-one', '30 days of uptime of one monitor / SELECT 1', {
    over: at('uptime-one', 'tidemark'),
    under: [at('uptime-one', 'select-1')],
    must: 2,
  }),
  most('uptime-many', '30 days of uptime of 100 monitors / SELECT 1', {
    over: at('uptime-many', 'tidemark'),
    under: [at('uptime-one', 'select-1')],
    must: 20,
  }),
  least('uptime-naive', 'reading 43,200 runs / 30 days of uptime of one monitor', {
    over: at('uptime-naive', 'tidemark'),
    under: [at('uptime-one', 'tidemark')],
    must: 20,
  }),
  least('record', 'runs recorded with roll-ups and states / bare inserts of runs', {
    over: at('record', 'tidemark'),
    under: [at('record', 'bare')],
    must: 0.8,
  }),
  least('counters-1', 'one per turn with counters / without', {
    over: at('one', 'tidemark'),
    under: [at('one', 'tidemark-uncounted')],
    must: 0.8,
  }),
  least('counters-10', 'ten per lease with counters / without', {
    over: at('ten', 'tidemark'),
    under: [at('ten', 'tidemark-uncounted')],
    must: 0.93,
  }),
  least('embedded-native', 'PGlite, ten per lease / PostgreSQL', {
    over: at('ten', 'tidemark-pglite'),
    under: [at('ten', 'tidemark')],
    must: 0.3,
  }),
  least('embedded-pgboss', 'PGlite, ten per lease / pg-boss on PGlite', {
    over: at('ten', 'tidemark-pglite'),
    under: [at('best', 'pg-boss-pglite')],
    must: 1.1,
  }),
  least('decay', 'long run, last tenth / a tenth near its start', {
    over: at('last-tenth', 'tidemark'),
    under: [at('first-tenth', 'tidemark')],
    must: 0.9,
  }),
  most('idle', 'queries per second of an idle server with one waiting agent', { over: at('idle', 'tidemark-http'), under: [], must: 1 }),
];
