// `pnpm chaos`: the fault rig by hand. Prints the verdict as JSON; ends with 1 when a promise was broken, 2 when the run proves nothing.
// `--views N` opens live views instead, `--monitors N` runs monitors at one-minute intervals for so many minutes.
import { parseArgs } from 'node:util';
import { runLiveViews } from './live-views.ts';
import { runChaos } from './run-chaos.ts';
import { runScheduleLoad } from './schedule-load.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '5' },
    agents: { type: 'string', default: '6' },
    short: { type: 'boolean', default: false },
    faulty: { type: 'boolean', default: false },
    views: { type: 'string' },
    monitors: { type: 'string' },
    slots: { type: 'string', default: '32' },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function end(report: object, isKept: boolean): never {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exit(isKept ? 0 : 1);
}

if (values.views !== undefined) {
  const report = await runLiveViews({ views: Number(values.views), events: 100, alone: 500, say });
  end(report, report.wrong === 0);
}
if (values.monitors !== undefined) {
  const measureMs = Number(values.minutes) * 60_000;
  const load = { monitors: Number(values.monitors), intervalSeconds: 60, measureMs, slots: Number(values.slots), say };
  const report = await runScheduleLoad(load);
  end(report, report.missed + report.over_2_s === 0);
}

const verdict = await runChaos({
  seed: Number(values.seed),
  faultMs: values.short ? 30_000 : Number(values.minutes) * 60_000,
  agents: values.short ? 3 : Number(values.agents),
  ghosts: 2,
  limit: 100_000,
  isFaulty: values.faulty,
  say,
});
process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
process.exit(verdict.violations.length > 0 ? 1 : verdict.missing.length > 0 ? 2 : 0);
