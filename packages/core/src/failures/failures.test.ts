import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updatePublication } from '../publications/index.ts';
import { seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { retryWorkload } from '../workloads/index.ts';
import { ListFailuresInput } from './contract.ts';
import { failureText, hasMessage, messageOf } from './fingerprint.ts';
import { foldFailures, getFailure, listFailures, setFailure } from './index.ts';

describe('the message of a failure', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.3.17:6379', 'connect ECONNREFUSED <ip>'],
    ['cannot read /var/media/in/17357.mov: 2 errors', 'cannot read <path>: <n> errors'],
    ['job wl_01m7ytetqedem0mnpjzk5v of 3f2b8c1e-0000-4000-8000-0123456789ab', 'job <id> of <id>'],
    ['pointer 0xdeadbeef in deadbeef01', 'pointer <hex> in <hex>'],
    ['first line\n    at second', 'first line'],
    ['Cannot read properties of undefined', 'Cannot read properties of undefined'],
  ])('leaves out what differs: %s', (text, message) => expect(messageOf(text)).toBe(message));

  it('is the same for any number in it', () => {
    fc.assert(fc.property(fc.nat(), fc.nat(), (left, right) => messageOf(`row ${left} failed`) === messageOf(`row ${right} failed`)));
  });
});

/** Pieces of error texts, those of which something is left out among them. */
const PIECES = [
  'connect',
  ' ',
  '10.0.3.17',
  ':6379',
  '/var/media/17.mov',
  's3://a/b',
  'wl_01m7ytetqedem0mnpjzk5v',
  '0xdeadbeef',
  'deadbeef01',
  '3f2b8c1e-0000-4000-8000-0123456789ab',
  '1,024.5',
  '<',
  '>',
  '%',
  "'",
  '\\',
  'é',
  '_',
  '.',
  '\n',
  'at line 7',
];

describe.each(engines())('groups of failures on %s', (engine) => {
  let test: TestCore;
  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  const list = async (fields: object = {}) => (await listFailures(test.core, ListFailuresInput.parse(fields))).items;

  async function fail(worker: string, error: string): Promise<string> {
    const { id } = await test.submit();
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'fail', job_id: job.job_id, lease_epoch: job.lease_epoch, error, retryable: false, reason: 'error' });
    return id;
  }

  it('have the message in the database that they have here, whatever the text', async () => {
    const texts = fc.sample(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
      { numRuns: 80, seed: 7 },
    );
    const messages = texts.map((text) => messageOf(failureText(text, 'timeout')));
    const asks = texts.flatMap((text, index) =>
      [messages[index] ?? '', messages[(index + 1) % messages.length] ?? ''].map(
        (message) => sql`(select ${hasMessage(message)} from (values (${text}::text, 'timeout'::text)) as t(error, status_reason))`,
      ),
    );
    const { rows } = await sql<{ found: boolean[] }>`select array[${sql.join(asks)}] as found`.execute(test.core.database.db);
    expect(rows[0]?.found).toEqual(messages.flatMap((message, index) => [true, message === messages[(index + 1) % messages.length]]));
  });

  it('count workloads that fail alike together, each once, however often the log is folded', async () => {
    const worker = await test.worker();
    await fail(worker, 'cannot open /data/1.csv: code 2');
    const last = await fail(worker, 'cannot open /data/2.csv: code 3');
    await fail(worker, 'out of memory');
    await foldFailures(test.core);
    await foldFailures(test.core);
    expect(await list({ q: 'cannot OPEN' })).toMatchObject([
      { domain: 'workload', subject: 'command', message: 'cannot open <path>: code <n>', count: 2, last_ref: last, status: 'open' },
    ]);
    const [group] = await list({ q: 'cannot' });
    expect(group?.trend.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(group?.trend).toHaveLength(24);
  });

  it('come back when a resolved one happens again, and stay away when ignored', async () => {
    const worker = await test.worker();
    const id = await fail(worker, 'disk 7 is full');
    const [group] = await list({ q: 'disk' });
    await setFailure(test.core, { id: group?.id ?? '', status: 'resolved' });
    expect(await list({ q: 'disk', status: 'open' })).toEqual([]);
    await retryWorkload(test.core, { id, keep_checkpoint: false });
    const job = await test.claimOne(worker);
    await test.report(worker, {
      op: 'fail',
      job_id: id,
      lease_epoch: job.lease_epoch,
      error: 'disk 8 is full',
      retryable: false,
      reason: 'error',
    });
    expect(await list({ q: 'disk', status: 'open' })).toMatchObject([{ id: group?.id, count: 2, returned_count: 1 }]);
    await setFailure(test.core, { id: group?.id ?? '', status: 'ignored' });
    await fail(worker, 'disk 9 is full');
    await foldFailures(test.core);
    expect(await getFailure(test.core, { id: group?.id ?? '' })).toMatchObject({ status: 'ignored', count: 3 });
  });

  it('hold publications, under their platform', async () => {
    const seed = seeding(test.core);
    const made = await seed.publication(await seed.clip(await seed.video()), { platform: 'tiktok' });
    await updatePublication(test.core, { id: made.id, status: 'processing' });
    await updatePublication(test.core, { id: made.id, status: 'failed', error: 'the video is 72 s long' });
    expect(await list({ domain: 'publication' })).toMatchObject([
      { subject: 'tiktok', message: 'the video is <n> s long', count: 1, last_ref: made.id },
    ]);
  });

  it('are paged without a group twice', async () => {
    const all = await list({ limit: 200 });
    const first = await listFailures(test.core, ListFailuresInput.parse({ limit: 1 }));
    const rest = await listFailures(test.core, ListFailuresInput.parse({ cursor: first.next_cursor ?? '' }));
    expect([...first.items, ...rest.items].map((group) => group.id)).toEqual(all.map((group) => group.id));
    await expect(setFailure(test.core, { id: 'fail_00000000000000000000', status: 'open' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
