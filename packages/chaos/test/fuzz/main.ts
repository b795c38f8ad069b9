// `pnpm fuzz`: calls every procedure of a real server with good and bad input. Prints the verdict as JSON; ends with 1 when something broke.
import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    calls: { type: 'string', default: '10000' },
    database: { type: 'string', default: 'both' },
  },
});

const engines = (['pglite', 'postgres'] as const).filter((engine) => values.database === 'both' || values.database === engine);
let hasFailed = engines.length === 0;
for (const engine of engines) {
  const say = (line: string): void => void process.stderr.write(`${engine}: ${line}\n`);
  const verdict = await runFuzz({ seed: Number(values.seed), calls: Number(values.calls), engine, say });
  process.stdout.write(`${JSON.stringify({ engine, ...verdict }, null, 2)}\n`);
  hasFailed ||= verdict.violations.length > 0;
}
process.exitCode = hasFailed ? 1 : 0;
