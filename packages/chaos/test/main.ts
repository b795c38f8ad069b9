// `pnpm chaos`: the fault rig by hand. Prints the verdict as JSON; ends with 1 when a promise was broken, 2 when the run proves nothing.
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '5' },
    agents: { type: 'string', default: '6' },
    short: { type: 'boolean', default: false },
    faulty: { type: 'boolean', default: false },
  },
});

const verdict = await runChaos({
  seed: Number(values.seed),
  faultMs: values.short ? 30_000 : Number(values.minutes) * 60_000,
  agents: values.short ? 3 : Number(values.agents),
  ghosts: 2,
  limit: 100_000,
  isFaulty: values.faulty,
  say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
process.exit(verdict.violations.length > 0 ? 1 : verdict.missing.length > 0 ? 2 : 0);
