// `pnpm chaos:publishing`: a queue of publications on a platform that misbehaves, while processes are killed. Ends with 1 when a promise was broken.
import { parseArgs } from 'node:util';
import { runPublishing } from './run-publishing.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261121' },
    items: { type: 'string', default: '10000' },
    servers: { type: 'string', default: '2' },
    agents: { type: 'string', default: '4' },
    slots: { type: 'string', default: '16' },
    kills: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '30' },
  },
});

const verdict = await runPublishing({
  seed: Number(values.seed),
  items: Number(values.items),
  servers: Number(values.servers),
  agents: Number(values.agents),
  slots: Number(values.slots),
  kills: Number(values.kills),
  limit_ms: Number(values.minutes) * 60_000,
  say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify({ ...verdict, violations: verdict.violations.slice(0, 20) }, null, 2)}\n`);
process.exit(verdict.violations.length > 0 ? 1 : 0);
