import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateCampaignInput, UpdateCampaignInput } from '../campaigns/contract.ts';
import { createCampaign, updateCampaign } from '../campaigns/index.ts';
import { CreateClipInput } from '../clips/contract.ts';
import { createClip } from '../clips/index.ts';
import { seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { CreateVideoInput, CreateVideoJobInput } from '../videos/contract.ts';
import { createVideoJob } from '../videos/index.ts';
import { CreatePublicationInput } from './contract.ts';
import { createPublication, createPublications, listPublications, updatePublication } from './index.ts';

describe('what does not fit a schema', () => {
  const clip = { video_id: 'vid_1', title: 'x' };
  const publication = { clip_id: 'clip_1', platform: 'tiktok', social_account_id: 'a' };
  it.each([
    ['a score of 2', CreateClipInput, { ...clip, visual_score: 2 }, 'visual_score'],
    ['a score that is no number', CreateClipInput, { ...clip, visual_score: Number.NaN }, 'visual_score'],
    ['an infinite score', CreateClipInput, { ...clip, visual_score: Number.POSITIVE_INFINITY }, 'visual_score'],
    ['an end before the start', CreateClipInput, { ...clip, start_ms: 2, end_ms: 1 }, 'end_ms'],
    ['a blank title', CreateVideoInput, { title: '  ' }, 'title'],
    ['a title with NUL', CreateVideoInput, { title: 'a\0b' }, 'title'],
    ['a title that turns its direction', CreateVideoInput, { title: 'photo_\u202Egpj.exe' }, 'title'],
    ['half a character', CreateVideoInput, { title: '\uD800' }, 'title'],
    ['an address that is none', CreateVideoInput, { title: 'x', source_url: 'not an address' }, 'source_url'],
    ['a platform that reaches for a prototype', CreatePublicationInput, { ...publication, platform: '__proto__' }, 'platform'],
    ['a schedule that is no time', CreatePublicationInput, { ...publication, scheduled_for: 'soon' }, 'scheduled_for'],
    ['a status nobody knows', CreatePublicationInput, { ...publication, status: 'done' }, 'status'],
    ['a field nobody knows', CreatePublicationInput, { ...publication, surprise: 1 }, ''],
    ['a negative budget', CreateCampaignInput, { name: 'x', budget: -1 }, 'budget'],
    [
      'a window that ends before it begins',
      CreateCampaignInput,
      { name: 'x', starts_at: '2026-02-01T00:00:00Z', ends_at: '2026-01-01T00:00:00Z' },
      'ends_at',
    ],
    ['a clip named twice', CreateCampaignInput, { name: 'x', clip_ids: ['a', 'a'] }, 'clip_ids'],
    ['a campaign that is deleted', UpdateCampaignInput, { id: 'x', status: 'deleted' }, 'status'],
  ])('%s is refused by name', (...[, schema, input, path]) => {
    const parsed = schema.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

describe.each(engines())('what does not fit what is there, on %s', (engine) => {
  let test: TestCore;
  let clip = '';
  let video = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
    const seed = seeding(test.core);
    video = await seed.video();
    clip = await seed.clip(video, { id: 'clip_mine' });
  });
  afterAll(() => test.close());

  const create = (fields: object) =>
    createPublication(test.core, CreatePublicationInput.parse({ clip_id: clip, platform: 'tiktok', social_account_id: 'a', ...fields }));
  const nothingWritten = async () => expect((await listPublications(test.core, { limit: 10 })).items).toEqual([]);

  it('refuses a clip of a video that does not exist', async () => {
    await expect(createClip(test.core, { video_id: 'vid_none', title: 'x' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      data: { resource: 'video', id: 'vid_none' },
    });
  });

  it.each([
    ['1970-01-01T00:00:00Z', 'scheduled_for'],
    ['9999-12-31T00:00:00Z', 'scheduled_for'],
  ])('refuses a schedule in %s', async (scheduled_for, path) => {
    await expect(create({ scheduled_for })).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path }] });
    await nothingWritten();
  });

  it.each([
    [{ requested_at: '2199-01-01T00:00:00Z' }, 'requested_at'],
    [{ requested_at: '1999-01-01T00:00:00Z' }, 'requested_at'],
    [{ published_at: '2026-01-01T00:00:00Z' }, 'published_at'],
    [{ status: 'scheduled' }, 'scheduled_for'],
  ])('refuses %j by name', async (fields, path) => {
    await expect(create(fields)).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path }] });
    await nothingWritten();
  });

  it('refuses publications of unknown clips and of campaigns that are unknown, paused or completed', async () => {
    await expect(create({ clip_id: 'clip_none' })).rejects.toMatchObject({ code: 'NOT_FOUND', issues: [{ path: 'clip_id' }] });
    await expect(create({ campaign_id: 'cmp_none' })).rejects.toMatchObject({ code: 'NOT_FOUND', issues: [{ path: 'campaign_id' }] });
    for (const status of ['paused', 'completed']) {
      const { id } = await createCampaign(test.core, CreateCampaignInput.parse({ name: 'x', status }));
      await expect(create({ campaign_id: id })).rejects.toMatchObject({ code: 'CONFLICT', issues: [{ path: 'campaign_id' }] });
    }
    await nothingWritten();
  });

  it('writes nothing of a batch with one bad item, and names it', async () => {
    const good = CreatePublicationInput.parse({ clip_id: clip, platform: 'tiktok', social_account_id: 'a' });
    const items = [good, { ...good, clip_id: 'clip_none' }, { ...good, id: 'pub_same' }, { ...good, id: 'pub_same' }];
    await expect(createPublications(test.core, { items })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      issues: [{ path: 'items.1.clip_id' }, { path: 'items.3.id' }],
    });
    await expect(createPublications(test.core, { items: items.toSpliced(1, 1) })).rejects.toMatchObject({
      code: 'CONFLICT',
      issues: [{ path: 'items.2.id' }],
    });
    await nothingWritten();
  });

  it('refuses a job for a clip of another video', async () => {
    const other = await seeding(test.core).video();
    const input = CreateVideoJobInput.parse({ id: other, kind: 'command', clip_id: clip });
    await expect(createVideoJob(test.core, input)).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'clip_id' }] });
  });

  it('completes a campaign only when nothing of it is left to do', async () => {
    const { id: campaign_id } = await createCampaign(
      test.core,
      CreateCampaignInput.parse({ name: 'x', status: 'active', clip_ids: [clip] }),
    );
    const { id } = await create({ campaign_id });
    await expect(updateCampaign(test.core, { id: campaign_id, status: 'completed' })).rejects.toMatchObject({
      code: 'CONFLICT',
      data: { publication_id: id },
    });
    await updatePublication(test.core, { id, status: 'success' });
    expect(await updateCampaign(test.core, { id: campaign_id, status: 'completed' })).toMatchObject({ status: 'completed' });
    await expect(updateCampaign(test.core, { id: campaign_id, status: 'draft' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('refuses a status together with a schedule, and a result without a status', async () => {
    const { id } = await create({});
    await expect(updatePublication(test.core, { id, status: 'success', scheduled_for: null })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
    await expect(updatePublication(test.core, { id, external_id: 'x' })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'external_id' }],
    });
  });
});
