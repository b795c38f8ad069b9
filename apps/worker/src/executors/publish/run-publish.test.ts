import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, until } from '../../testing/system.ts';
import { reply, SECRET, startPlatform } from './testing/platform.ts';

const DEADLINE_MS = 120_000;

describe('publications by a real server and real agents', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await TestSystem.start();
  });
  afterAll(() => system.close());

  async function setUp(platform: 'instagram' | 'tiktok' | 'youtube' | 'other', url: string, settings: object = {}): Promise<string> {
    const { client } = system;
    await client.publishing.platforms.set.mutate({ platform, connector: 'webhook', url, secret: SECRET, ...settings });
    const video = await client.publishing.videos.create.mutate({ title: 'A video' });
    return (await client.publishing.clips.create.mutate({ video_id: video.id, title: 'A clip' })).id;
  }

  const get = (id: string) => system.client.publishing.publications.get.query({ id });
  const over = (id: string) =>
    until(
      `publication ${id} is over`,
      async () => {
        const found = await get(id);
        return ['success', 'failed', 'cancelled'].includes(found.status) && found;
      },
      DEADLINE_MS,
    );

  it('brings every one of 300 to its right state on a platform that fails, limits and swallows, and posts none twice', async () => {
    const count = 300;
    const numberOf = new Map<string, number>();
    await using platform = await startPlatform(({ publication_id: id, attempt }, response) => {
      const index = numberOf.get(id) ?? -1;
      if (attempt === 1 && index % 20 === 0) return reply(response, 503, { error: 'busy' });
      if (attempt === 1 && index % 10 === 1) return reply(response, 429, { error: 'slow down' });
      if (index % 100 === 2) return undefined; // accepted, and the answer is lost
      return reply(response, 200, { external_id: `post-${index}` });
    });
    const clip_id = await setUp('instagram', platform.url, { timeout_ms: 1500 });
    const items = Array.from({ length: count }, (_, index) => ({ clip_id, platform: 'instagram', social_account_id: `acc_${index % 25}` }));
    const waiting = await system.client.publishing.publications.createMany.mutate({ items });
    waiting.items.forEach(({ id }, index) => numberOf.set(id, index));
    expect(waiting.items[0]?.wait_reason).toMatch(/worker/);
    await system.startAgent('publisher-1', ['--slots', '8']);
    const killed = await system.startAgent('publisher-2', ['--slots', '8']);
    await until(
      'half are over',
      async () => (await system.client.publishing.stats.queue.query({ platform: 'instagram' })).success > 100,
      DEADLINE_MS,
    );
    killed.child.kill('SIGKILL');
    await system.killServer();
    await system.startServer();
    const queue = await until(
      'all are over',
      async () => {
        const stats = await system.client.publishing.stats.queue.query({ platform: 'instagram' });
        expect(stats.pending + stats.processing + stats.success + stats.failed).toBe(count);
        return stats.pending + stats.processing === 0 && stats;
      },
      DEADLINE_MS,
    );
    const all = await Promise.all(waiting.items.map(({ id }) => get(id)));
    expect(queue).toMatchObject({
      success: all.filter((item) => item.status === 'success').length,
      unconfirmed: all.filter((item) => item.sub_status === 'unconfirmed').length,
    });
    expect(new Set(platform.posts.map((post) => post.key)).size).toBe(platform.posts.length);
    expect(platform.posts.every((post) => post.is_signed)).toBe(true);
    for (const [index, item] of all.entries()) {
      const posts = platform.posts.filter((post) => post.publication_id === item.id);
      const refused = posts.filter((post) => post.attempt === 1 && (index % 20 === 0 || index % 10 === 1)).length;
      expect(posts.length - refused, item.id).toBeLessThanOrEqual(1);
      if (item.status === 'success') expect(item).toMatchObject({ external_id: `post-${index}`, sub_status: null });
      else expect(item).toMatchObject({ status: 'failed', sub_status: 'unconfirmed' });
      if (index % 100 === 2) expect(item.sub_status).toBe('unconfirmed');
    }
    // Only what was swallowed, and what the killed worker had in its eight slots, can be unclear.
    expect(queue.unconfirmed).toBeGreaterThanOrEqual(3);
    expect(queue.unconfirmed).toBeLessThanOrEqual(3 + 8);
  }, 240_000);

  it('pauses an account whose credentials are refused, and says so on what waits for it', async () => {
    let isRevoked = true;
    await using platform = await startPlatform((_, response) =>
      isRevoked ? reply(response, 401, { error: 'token expired' }) : reply(response, 200, { external_id: 'x' }),
    );
    const clip_id = await setUp('tiktok', platform.url, { account_concurrency: 1 });
    const create = () => system.client.publishing.publications.create.mutate({ clip_id, platform: 'tiktok', social_account_id: 'revoked' });
    const first = await create();
    const second = await create();
    expect(await over(first.id)).toMatchObject({ status: 'failed', sub_status: 'auth', attempts: [{ outcome: 'auth', http_status: 401 }] });
    const held = await get(second.id);
    expect(held).toMatchObject({
      status: 'pending',
      wait_reason: 'The account "revoked" is paused: The platform answered 401: {"error":"token expired"}.',
    });
    isRevoked = false;
    await system.client.publishing.platforms.setAccount.mutate({ platform: 'tiktok', id: 'revoked', status: 'active' });
    expect(await over(second.id)).toMatchObject({ status: 'success', external_id: 'x' });
    expect(await system.client.publishing.publications.retryMany.mutate({ sub_status: 'auth' })).toEqual({ retried: 1, has_more: false });
    expect(await over(first.id)).toMatchObject({ status: 'success', attempt: 2 });
  });

  it('waits for the result of what was accepted, and takes it once', async () => {
    await using platform = await startPlatform((_, response) => reply(response, 202, { pending: true }));
    const clip_id = await setUp('youtube', platform.url);
    const { id } = await system.client.publishing.publications.create.mutate({ clip_id, platform: 'youtube', social_account_id: 'a' });
    const accepted = await until('it is accepted', async () => {
      const found = await get(id);
      return found.sub_status === 'awaiting_result' && found;
    });
    expect(accepted).toMatchObject({ status: 'processing', attempts: [{ outcome: 'accepted' }] });
    const tell = (external_id: string) => system.client.publishing.publications.reportResult.mutate({ id, external_id });
    expect(await tell('v1')).toMatchObject({ status: 'success', external_id: 'v1' });
    expect(await tell('v1')).toMatchObject({ status: 'success', external_id: 'v1' });
    await expect(tell('v2')).rejects.toThrow(/contradicts/);
    expect(platform.posts).toHaveLength(1);
  });

  it('retries an unclear one only when somebody says that it is not there', async () => {
    await using platform = await startPlatform(({ attempt }, response) =>
      attempt === 1 ? response.writeHead(200).end('thanks') : reply(response, 200, { external_id: 'b' }),
    );
    const clip_id = await setUp('other', platform.url);
    const { id } = await system.client.publishing.publications.create.mutate({ clip_id, platform: 'mastodon', social_account_id: 'a' });
    expect(await over(id)).toMatchObject({ status: 'failed', sub_status: 'unconfirmed', platform_key: 'other' });
    await expect(system.client.publishing.publications.retry.mutate({ id })).rejects.toThrow(/may have been published/);
    expect(await system.client.publishing.publications.retryMany.mutate({ platform: 'other' })).toEqual({ retried: 0, has_more: false });
    await system.client.publishing.publications.retry.mutate({ id, confirmed_not_published: true });
    expect(await over(id)).toMatchObject({ status: 'success', external_id: 'b', attempt: 2 });
    expect(platform.posts.map((post) => post.key)).toEqual([`${id}.1`, `${id}.2`]);
  });
});
