import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listAudit, verifyAudit } from '../audit/index.ts';
import type { ClaimedJob } from '../jobs/contract.ts';
import { SetPlatformInput } from '../platforms/contract.ts';
import { getPlatform, listAccounts, setAccount, setPlatform } from '../platforms/index.ts';
import { getOrchestratorStats } from '../publishing/index.ts';
import { kept, recount, resetPublishing, seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { cancelWorkload, getWorkload } from '../workloads/index.ts';
import type { SendReport } from './contract.ts';
import { roomOf } from './dispatch.ts';
import { beginSend, cancelPublication, getPublication, recordOutcomes, runQueue, updatePublication } from './index.ts';
import { backoffMs } from './outcome.ts';

const SOON = new Date(Date.now() + 86_400_000).toISOString();

describe.each(engines())('the queue on %s', (engine) => {
  let test: TestCore;
  let seed: ReturnType<typeof seeding>;
  let clip = '';
  let worker = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
    seed = seeding(test.core);
  });
  beforeEach(async () => {
    await resetCore(test);
    await resetPublishing(test.core);
    clip = await seed.clip(await seed.video());
    worker = await test.worker({ kinds: ['publish'], queues: ['publish:instagram'], slots: 50 });
    await setUp();
  });
  afterAll(() => test.close());

  const setUp = (fields: object = {}) =>
    setPlatform(
      test.core,
      SetPlatformInput.parse({ platform: 'instagram', connector: 'webhook', url: 'https://platform.example/publish', ...fields }),
    );
  const get = (id: string) => getPublication(test.core, { id });
  const waitReason = async (id: string) => (await get(id)).wait_reason;
  const begin = (job: ClaimedJob) => beginSend(test.core, { job_id: job.job_id, lease_epoch: job.lease_epoch });

  async function claimed(): Promise<ClaimedJob[]> {
    await runQueue(test.core);
    return test.claim(worker, 50);
  }

  async function tell(job: ClaimedJob, report: Partial<SendReport> & Pick<SendReport, 'outcome'>): Promise<void> {
    await test.report(worker, { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, output: JSON.stringify(report) });
    await recordOutcomes(test.core);
  }

  /** Lets the time pass that is left until a publication's next try. */
  const pass = (id: string) => sql`update publication set next_try_at = now() where id = ${id}`.execute(test.core.database.db);

  it('takes a due publication through every stage, with a signed request in the middle', async () => {
    const { id } = await seed.publication(clip);
    const [job] = await claimed();
    if (job === undefined) throw new Error('nothing was dispatched');
    expect(job).toMatchObject({ kind: 'publish', payload: { publication_id: id, attempt: 1 }, labels: { publication: id } });
    expect(await get(id)).toMatchObject({ status: 'processing', attempt: 1, wait_reason: 'A worker is about to send it.' });
    const answer = await begin(job);
    if (answer.decision !== 'send') throw new Error(answer.decision);
    expect(answer.headers).toMatchObject({ 'webhook-id': `${id}.1`, 'idempotency-key': `${id}.1` });
    expect(JSON.parse(answer.body)).toMatchObject({ publication: { id }, clip: { id: clip }, attempt: 1, idempotency_key: `${id}.1` });
    expect(JSON.stringify((await getWorkload(test.core, { id: job.job_id })).payload)).not.toContain('platform.example');
    expect(await waitReason(id)).toMatch(/^It was sent at .*; the platform has not answered yet\.$/);
    await tell(job, { outcome: 'success', external_id: 'post-1', published_at: '2199-01-01T00:00:00Z', http_status: 200 });
    const done = await get(id);
    expect(done).toMatchObject({ status: 'success', external_id: 'post-1', attempts: [{ outcome: 'success', http_status: 200 }] });
    expect(Date.parse(done.published_at ?? '')).toBeLessThan(Date.parse('2199-01-01T00:00:00Z'));
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('publishes at its time, and not what is too late by then', async () => {
    const { id: later } = await seed.publication(clip, { scheduled_for: SOON });
    const { id: late } = await seed.publication(clip, { scheduled_for: new Date(Date.now() - 7_200_000).toISOString() });
    expect(await claimed()).toEqual([]);
    expect(await get(late)).toMatchObject({ status: 'failed', sub_status: 'missed', attempts: [] });
    expect(await get(later)).toMatchObject({ status: 'scheduled' });
    await sql`update publication set due_at = now() where id = ${later}`.execute(test.core.database.db);
    expect(await claimed()).toHaveLength(1);
    expect(await get(later)).toMatchObject({ status: 'processing' });
  });

  it('tries again what failed before the platform accepted it, after a pause and not for ever', async () => {
    const { id } = await seed.publication(clip);
    for (const attempt of [1, 2, 3]) {
      const [job] = await claimed();
      if (job === undefined) throw new Error('nothing was dispatched');
      await begin(job);
      await tell(job, { outcome: 'transient', error: 'busy', http_status: 503 });
      if (attempt === 3) break;
      expect(await get(id)).toMatchObject({ status: 'pending', sub_status: 'transient', attempt });
      expect(await waitReason(id)).toMatch(`Attempt ${attempt} failed; the next attempt starts at `);
      expect(await claimed()).toEqual([]);
      await pass(id);
    }
    expect(await get(id)).toMatchObject({ status: 'failed', sub_status: 'transient', error: 'busy', attempt: 3 });
    expect([1, 2, 3, 20].map(backoffMs)).toEqual([5000, 10_000, 20_000, 900_000]);
  });

  it('lets a rate limit hold the whole account, what was dispatched already included', async () => {
    const { id } = await seed.publication(clip);
    const { id: sibling } = await seed.publication(clip);
    const { id: other } = await seed.publication(clip, { social_account_id: 'acc_2' });
    const jobs = await claimed();
    const jobOf = (publication: string) => jobs.find((job) => job.labels['publication'] === publication) as ClaimedJob;
    await begin(jobOf(id));
    await tell(jobOf(id), { outcome: 'rate_limited', retry_after_seconds: 60, http_status: 429 });
    expect(await waitReason(id)).toMatch(/^The platform asked to wait; the next attempt starts at /);
    expect(await begin(jobOf(sibling))).toEqual({ decision: 'over' });
    expect(await waitReason(sibling)).toMatch(/^The platform's rate limit holds the account back until /);
    expect(await begin(jobOf(other))).toMatchObject({ decision: 'send' });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('never sends again what an agent was lost with, unless the platform honours the key', async () => {
    const lose = async (job: ClaimedJob): Promise<ClaimedJob> => {
      await test.report(worker, { op: 'release', job_id: job.job_id, lease_epoch: job.lease_epoch });
      return test.claimOne(worker);
    };
    const { id } = await seed.publication(clip);
    const [job] = await claimed();
    if (job === undefined) throw new Error('nothing was dispatched');
    const unsent = await lose(job);
    await expect(begin(job)).rejects.toMatchObject({ code: 'LEASE_STALE' });
    const first = await begin(unsent);
    expect(first).toMatchObject({ decision: 'send' });
    const again = await lose(unsent);
    expect(await begin(again)).toEqual({ decision: 'unconfirmed' });
    await setUp({ honours_idempotency_key: true });
    expect(await begin(again)).toMatchObject({ decision: 'send', headers: { 'idempotency-key': `${id}.1` } });
  });

  it('calls unclear what was sent and has no report, and tries again what was never sent', async () => {
    const { id: sent } = await seed.publication(clip);
    const { id: unsent } = await seed.publication(clip);
    for (const job of await claimed()) {
      if (job.labels['publication'] === sent) await begin(job);
      await test.report(worker, {
        op: 'fail',
        job_id: job.job_id,
        lease_epoch: job.lease_epoch,
        error: 'the agent broke',
        retryable: true,
        reason: 'error',
      });
    }
    await Promise.all([recordOutcomes(test.core), recordOutcomes(test.core)]);
    expect(await get(sent)).toMatchObject({ status: 'failed', sub_status: 'unconfirmed' });
    expect(await get(unsent)).toMatchObject({ status: 'pending', sub_status: 'transient', attempt: 1 });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('pauses the account that a platform refuses', async () => {
    const { id } = await seed.publication(clip);
    const [job] = await claimed();
    if (job === undefined) throw new Error('nothing was dispatched');
    await begin(job);
    await tell(job, { outcome: 'auth', error: 'expired', http_status: 401 });
    expect(await get(id)).toMatchObject({ status: 'failed', sub_status: 'auth' });
    expect((await listAccounts(test.core, { limit: 10 })).items).toMatchObject([
      { id: 'acc_1', status: 'paused', pause_reason: 'expired', processing: 0 },
    ]);
    const { id: next } = await seed.publication(clip);
    expect(await claimed()).toEqual([]);
    expect(await waitReason(next)).toBe('The account "acc_1" is paused: expired.');
    expect((await listAccounts(test.core, { status: 'paused', limit: 10 })).items).toMatchObject([{ id: 'acc_1', pending: 1 }]);
    await setAccount(test.core, { platform: 'instagram', id: 'acc_1', status: 'active' });
    expect(await claimed()).toHaveLength(1);
  });

  it('signs with the old secret, too, for a day after a platform got a new one, and shows neither', async () => {
    const names = ['first', 'second', 'third'];
    const signers = async (): Promise<(string | undefined)[]> => {
      await seed.publication(clip);
      const [job] = await claimed();
      const answer = job && (await begin(job));
      if (answer?.decision !== 'send') throw new Error('nothing was to be sent');
      const { headers, body } = answer;
      const signed = `${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${body}`;
      const known = new Map(names.map((name) => [`v1,${createHmac('sha256', `${name} secret`).update(signed).digest('base64')}`, name]));
      return (headers['webhook-signature'] ?? '').split(' ').map((signature) => known.get(signature));
    };
    await setUp({ secret: 'first secret' });
    await setUp({ secret: 'second secret' });
    const shown = await setUp({ secret: 'second secret' });
    expect(JSON.stringify(shown)).not.toMatch(/ secret|previous|until/);
    expect(await signers()).toEqual(['second', 'first']);
    await sql`update platform set previous_secret_until = now() where key = 'instagram'`.execute(test.core.database.db);
    expect(await signers()).toEqual(['second']);
    // What a reference named may be gone before the day is over.
    await setUp({ secret: '{{secret.PLATFORM}}' });
    await setUp({ secret: 'third secret' });
    expect(await signers()).toEqual(['third']);
  });

  it('pauses a platform whose receiver is gone for good, and says so in the audit log', async () => {
    const refuse = async (between: () => Promise<unknown>): Promise<void> => {
      await seed.publication(clip);
      const [job] = await claimed();
      if (job === undefined) throw new Error('nothing was dispatched');
      await begin(job);
      await between();
      await tell(job, { outcome: 'content', error: 'The platform answered 410', http_status: 410 });
    };
    // It was set up anew while the request was on the way: the answer was not about that.
    await refuse(async () => {
      await setUp();
      await sql`update platform set updated_at = now() + interval '1 s'`.execute(test.core.database.db);
    });
    expect(await getPlatform(test.core, { platform: 'instagram' })).toMatchObject({ paused: false });
    await setUp();
    await refuse(() => Promise.resolve());
    expect(await getPlatform(test.core, { platform: 'instagram' })).toMatchObject({ paused: true });
    const { id } = await seed.publication(clip);
    expect(await claimed()).toEqual([]);
    expect(await waitReason(id)).toBe('The platform "instagram" is paused.');
    const { items } = await listAudit(test.core, { action: 'publishing.platforms.set', limit: 10 });
    const details = { paused: [false, true], reason: [null, 'Its receiver answered 410.'] };
    expect(items).toMatchObject([{ actor_kind: 'system', actor_id: null, target: 'instagram', outcome: 'done', details }]);
    expect(await verifyAudit(test.core, {})).toMatchObject({ is_intact: true });
    await setUp();
    expect(await claimed()).toHaveLength(1);
  });

  it('keeps to the concurrency of a platform and of its accounts', async () => {
    await setUp({ concurrency: 3, account_concurrency: 2 });
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push((await seed.publication(clip, { social_account_id: 'busy' })).id);
    await seed.publication(clip, { social_account_id: 'idle' });
    await seed.publication(clip, { social_account_id: 'idle_2' });
    const jobs = await claimed();
    expect(jobs).toHaveLength(3);
    expect(await getOrchestratorStats(test.core, {})).toMatchObject({
      active_workers: 2,
      slots_busy: 3,
      slots_total: 50,
      last_tick_dispatched: 3,
    });
    expect(await waitReason(ids[4] ?? '')).toBe('The account publishes 2 of at most 2 at once.');
    expect(roomOf({ concurrency: null, rate_per_minute: 60, open: 9, unsent: 1 })).toBe(1);
    expect(roomOf({ concurrency: 10, rate_per_minute: null, open: 9, unsent: 1 })).toBe(1);
  });

  it('says of everything that waits why it does', async () => {
    const { id: draft } = await seed.publication(clip, { campaign_id: await seed.campaign() });
    const { id: elsewhere } = await seed.publication(clip, { platform: 'tiktok' });
    expect(await claimed()).toEqual([]);
    expect(await waitReason(draft)).toBe('Its campaign is a draft.');
    expect(await waitReason(elsewhere)).toBe('The platform "tiktok" has no connector: set one, or report the outcome by an update.');
    const { id } = await seed.publication(clip);
    expect(await waitReason(id)).toBe('It is next.');
    await setUp({ paused: true });
    expect(await waitReason(id)).toBe('The platform "instagram" is paused.');
    expect(await claimed()).toEqual([]);
    await setUp();
    await sql`update worker set last_heartbeat_at = now() - interval '5 minutes'`.execute(test.core.database.db);
    expect(await waitReason(id)).toBe('No worker that publishes to this platform is online.');
    await runQueue(test.core);
    expect(await get(id)).toMatchObject({ status: 'pending' });
  });

  it('takes one back only before it is sent, and nobody may give up what is under way', async () => {
    const { id } = await seed.publication(clip);
    const [job] = await claimed();
    if (job === undefined) throw new Error('nothing was dispatched');
    await expect(updatePublication(test.core, { id, status: 'pending' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(await cancelPublication(test.core, { id })).toMatchObject({ status: 'cancelled' });
    expect(await begin(job)).toEqual({ decision: 'over' });
    const { id: sent } = await seed.publication(clip);
    const second = (await claimed()).find((entry) => entry.labels['publication'] === sent);
    if (second === undefined) throw new Error('nothing was dispatched');
    await begin(second);
    await expect(cancelPublication(test.core, { id: sent })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(updatePublication(test.core, { id: sent, status: 'failed' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('follows a workload that somebody cancelled', async () => {
    const { id } = await seed.publication(clip);
    await runQueue(test.core);
    const workload = (await get(id)).attempts[0]?.workload_id ?? '';
    await cancelWorkload(test.core, { id: workload });
    await recordOutcomes(test.core);
    expect(await get(id)).toMatchObject({ status: 'cancelled', attempts: [{ outcome: 'cancelled' }] });
  });

  it('finishes what a server left behind between opening an attempt and making its workload', async () => {
    const { id } = await seed.publication(clip);
    await runQueue(test.core);
    await sql`update publication_attempt set workload_id = null`.execute(test.core.database.db);
    await Promise.all([runQueue(test.core), runQueue(test.core)]);
    await runQueue(test.core);
    expect(await test.claim(worker, 50)).toHaveLength(1);
    expect((await get(id)).attempts).toMatchObject([{ attempt: 1, workload_id: expect.stringMatching(/^wl_/) as string }]);
  });

  it('gives up on a result that never comes, as unclear', async () => {
    await setUp({ result_timeout_seconds: 60 });
    const { id } = await seed.publication(clip);
    const [job] = await claimed();
    if (job === undefined) throw new Error('nothing was dispatched');
    await begin(job);
    await tell(job, { outcome: 'accepted' });
    expect(await waitReason(id)).toMatch(/its result has not come yet/);
    await sql`update publication set awaiting_since = now() - interval '2 minutes'`.execute(test.core.database.db);
    await runQueue(test.core);
    expect(await get(id)).toMatchObject({ status: 'failed', sub_status: 'unconfirmed' });
  });

  it('shows a secret once, keeps it when the rest changes, and never tells it again', async () => {
    const made = await setPlatform(
      test.core,
      SetPlatformInput.parse({ platform: 'youtube', connector: 'webhook', url: 'https://a.example/' }),
    );
    expect(made).toMatchObject({ has_secret: true, secret: expect.stringMatching(/^whsec_/) as string });
    const changed = await setPlatform(
      test.core,
      SetPlatformInput.parse({ platform: 'youtube', connector: 'webhook', url: 'https://b.example/' }),
    );
    expect(changed).toMatchObject({ has_secret: true, url: 'https://b.example/' });
    expect(changed).not.toHaveProperty('secret');
    const { rows } = await sql<{ secret: string }>`select secret from platform where key = 'youtube'`.execute(test.core.database.db);
    expect(rows).toEqual([{ secret: made.secret }]);
  });
});
