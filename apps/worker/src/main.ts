import { readConfig, USAGE } from './config.ts';
import { runWorker } from './run-worker.ts';

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config === null) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  await runWorker(config);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
