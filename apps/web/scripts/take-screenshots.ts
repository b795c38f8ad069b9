// Takes the pictures of the documentation from a real server that has run real work: node scripts/take-screenshots.ts
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromiumPath, Console } from '../test/console.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const DEADLINE_MS = 60_000;

const IMPORT = [
  'echo "\\033[1mimport orders\\033[0m from exports/orders.csv"',
  'for part in 1 2 3 4 5 6; do echo "\\033[32mok\\033[0m   part $part of 8: 12,500 rows in 0.$part s"; sleep 0.3; done',
  'echo "\\033[33mwarn\\033[0m part 7 of 8: 3 rows without a currency, taken as EUR"',
  'sleep 0.3',
  'echo "\\033[31mfail\\033[0m part 8 of 8: row 98,211: order 7741 has no customer" >&2',
  'echo "     expected a customer id, found an empty field" >&2',
  'exit 3',
].join('\n');

async function waitFor(app: Console, id: string, status: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while ((await app.statusOf(id)) !== status) {
    if (Date.now() > deadline) throw new Error(`${id} did not become ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A failed import with two attempts among work that went well. */
async function runWork(app: Console): Promise<string> {
  const quick = [
    'sleep 0.4; echo resized 24 images',
    'sleep 0.2; echo sent 180 mails',
    'sleep 0.7; echo 1,204 rows',
    'sleep 0.3; echo cache is warm',
  ];
  for (const command of quick) await app.submit({ kind: 'command', payload: { command }, labels: { team: 'shop' } });
  const { id } = await app.submit({
    kind: 'command',
    payload: { command: ['sh', '-s', 'import', 'exports/orders.csv'], stdin: IMPORT },
    labels: { team: 'shop', source: 'orders' },
    max_attempts: 2,
    backoff_ms: 500,
  });
  await waitFor(app, id, 'failed');
  return id;
}

if (chromiumPath === null) throw new Error('No Chromium found; set CHROMIUM to its path.');
await using app = await Console.open(chromiumPath);
const id = await runWork(app);
await mkdir(FOLDER, { recursive: true });
const page = await app.page(`/workloads/${id}`, {
  preferences: { theme: 'light', zone: 'UTC' },
  context: { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
});
await page.getByText('expected a customer id, found an empty field').last().waitFor();
await page.evaluate(() => document.fonts.ready);
await page.screenshot({ path: `${FOLDER}workload.png` });
process.stdout.write(`${FOLDER}workload.png\n`);
if (app.complaints.length > 0) throw new Error(app.complaints.join('\n'));
