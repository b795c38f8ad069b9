import { unzipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importClips, listClips } from '../clips/index.ts';
import { CsvImportInput } from '../contract.ts';
import { kept, recount, resetPublishing, seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { CreatePublicationInput } from './contract.ts';
import {
  createPublication,
  createPublications,
  exportPublications,
  exportWorkbook,
  importPublications,
  listPublications,
} from './index.ts';

const HEAD = 'clip_id,platform,social_account_id,scheduled_for';
const NASTY = ['=1+1', "'=1+1", '+a', '-b', '@c', '\tx', "''=x", 'a"b', 'a,b', 'two\r\nlines', 'é😀\u202Eabc', ' plain '];

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe.each(engines())('CSV on %s', (engine) => {
  let test: TestCore;
  let seed: ReturnType<typeof seeding>;
  let clip = '';
  let video = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
    seed = seeding(test.core);
  });
  beforeEach(async () => {
    await resetCore(test);
    await resetPublishing(test.core);
    video = await seed.video();
    clip = await seed.clip(video, { id: 'clip_1' });
  });
  afterAll(() => test.close());

  const run = (content: string, options: object = {}) => importPublications(test.core, CsvImportInput.parse({ content, ...options }));
  const list = async () => (await listPublications(test.core, { limit: 200 })).items;
  const nothing = async () => expect(await list()).toEqual([]);

  it('imports rows with their own ids, times and states, and counts them', async () => {
    const answer = await run(
      `\uFEFFid,${HEAD},status,published_at,requested_at\r\npub_a,clip_1,tiktok,acme,,success,2026-01-01T00:00:02Z,2026-01-01T00:00:00Z\r\n\r\npub_b,clip_1,facebook,acme,,,,`,
    );
    expect(answer).toEqual({ created: 2, unchanged: 0, skipped_count: 0, skipped: [], is_dry_run: false });
    expect(await list()).toMatchObject([
      { id: 'pub_b', status: 'pending', platform_key: 'other' },
      { id: 'pub_a', status: 'success', published_at: '2026-01-01T00:00:02.000Z' },
    ]);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('imports nothing of 100,000 rows with one bad line, and names line and column', async () => {
    const lines = Array.from({ length: 100_000 }, () => 'clip_1,instagram,acc_1,');
    lines[77_776] = 'clip_1,instagram,acc_1,tomorrow';
    await expect(run([HEAD, ...lines].join('\n'))).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'line 77778, column scheduled_for' }],
      data: { problems: 1, lines: 1 },
    });
    await nothing();
  });

  it('imports nothing when a line refers to what is not there, and leaves it out when asked', async () => {
    await seed.publication(clip, { id: 'pub_old' });
    await seed.campaign({ id: 'cmp_p', status: 'paused' });
    const content = [
      'id,clip_id,platform,social_account_id,campaign_id',
      'pub_old,clip_1,tiktok,a,',
      'pub_new,clip_1,tiktok,a,',
      'pub_new,clip_1,tiktok,a,',
      ',clip_none,tiktok,a,',
      ',clip_1,tiktok,a,cmp_p',
      ',clip_1,__proto__,a,',
    ].join('\n');
    await expect(run(content)).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'line 7, column platform' }] });
    const skipped = [
      { line: 2, column: 'id', message: 'is taken' },
      { line: 4, column: 'id', message: 'is taken' },
      { line: 5, column: 'clip_id', message: 'no clip has the id "clip_none"' },
      { line: 6, column: 'campaign_id', message: 'the campaign "cmp_p" is paused; activate it first' },
      { line: 7, column: 'platform' },
    ];
    await expect(run(content.split('\n').slice(0, 6).join('\n'))).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: skipped.slice(0, 4).map(({ line, column }) => ({ path: `line ${line}, column ${column}` })),
    });
    expect((await list()).map(({ id }) => id)).toEqual(['pub_old']);
    expect(await run(content, { skip_invalid: true, dry_run: true })).toMatchObject({ created: 1, skipped_count: 5, is_dry_run: true });
    expect(await list()).toHaveLength(1);
    expect(await run(content, { skip_invalid: true })).toMatchObject({ created: 1, skipped_count: 5, skipped });
    expect(await list()).toHaveLength(2);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it.each([
    ['', 'line 1, column 1'],
    ['clip_id,platform\n', 'line 1, column social_account_id'],
    [`${HEAD},surprise\n`, 'line 1, column surprise'],
    [`${HEAD},__proto__\n`, 'line 1, column __proto__'],
    [`${HEAD},platform\n`, 'line 1, column platform'],
    [`${HEAD}\nclip_1,tiktok\n`, 'line 2, column social_account_id'],
    [`${HEAD}\nclip_1,tiktok,a,,\n`, 'line 2, column 5'],
    [`${HEAD}\nclip_1,"tik"tok,a,\n`, 'line 2, column 2'],
    [`${HEAD}\nclip_1,tiktok,a,\nclip_1,"tiktok,a,\n`, 'line 3, column 2'],
    [`${HEAD}\nclip_1,tiktok,a\0,\n`, 'line 2, column social_account_id'],
    [`${HEAD},error\nclip_1,tiktok,a,,"two\nlines"\nclip_1,tiktok,a,1970-01-01T00:00:00Z,\n`, 'line 4, column scheduled_for'],
    [`${HEAD}\nclip_1,tiktok,a,9999-12-31T00:00:00Z\n`, 'line 2, column scheduled_for'],
    [`${HEAD},error\nclip_1,tiktok,a,,${'x'.repeat(70_000)}\n`, 'line 2, column 5'],
  ])('refuses %j by line and column', async (content, path) => {
    const input = { content, skip_invalid: false, dry_run: false };
    await expect(importPublications(test.core, input)).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path }] });
    await nothing();
  });

  it('brings back what it exported, formulas and line ends included', async () => {
    for (const [index, text] of NASTY.entries()) {
      await seed.publication(clip, {
        id: `pub_${index}`,
        status: 'failed',
        sub_status: 'content',
        error: text,
        requested_at: '2026-01-01T00:00:00Z',
      });
    }
    const csv = await textOf(exportPublications(test.core, {}, AbortSignal.timeout(60_000)));
    expect(csv).not.toMatch(/(^|,|")[=+@\t-]/m);
    const before = (await list()).map(({ id, error, status, requested_at }) => ({ id, error, status, requested_at }));
    await resetPublishing(test.core);
    await seed.clip(await seed.video(), { id: 'clip_1' });
    expect(await run(csv)).toMatchObject({ created: NASTY.length, skipped_count: 0 });
    expect((await list()).map(({ id, error, status, requested_at }) => ({ id, error, status, requested_at }))).toEqual(before);
    expect(new Set(before.map(({ error }) => error))).toEqual(new Set(NASTY));
  });

  it('writes a workbook in which nothing is a formula', async () => {
    for (const text of [...NASTY, '<&>\u0001']) await seed.publication(clip, { status: 'failed', error: text });
    const pieces: Buffer[] = [];
    for await (const piece of exportWorkbook(test.core, {}, AbortSignal.timeout(60_000))) pieces.push(Buffer.from(piece, 'base64'));
    const parts = unzipSync(Buffer.concat(pieces));
    expect(Object.keys(parts).toSorted()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ]);
    const sheet = Buffer.from(parts['xl/worksheets/sheet1.xml'] ?? []).toString();
    expect(sheet.match(/<row>/g)).toHaveLength(NASTY.length + 2);
    expect(sheet).not.toContain('<f>');
    expect(sheet).not.toMatch(/<t xml:space="preserve">[=+@\t-]/);
    expect(sheet).toContain('>&lt;&amp;&gt;</t>');
  });

  it('imports clips, their numbers as numbers', async () => {
    const head = 'id,video_id,title,visual_score,start_ms,end_ms';
    const content = `${head}\nclip_a,${video},"A, B",0.5,0,1000\n,${video},C,,,\n`;
    expect(await importClips(test.core, CsvImportInput.parse({ content }))).toMatchObject({ created: 2 });
    expect((await listClips(test.core, { limit: 10 })).items.find(({ id }) => id === 'clip_a')).toMatchObject({
      title: 'A, B',
      visual_score: 0.5,
      end_ms: 1000,
    });
    const bad = `${head}\n,${video},x,2,,\n,${video},x,NaN,,\n,vid_none,x,,,\n,${video},x,,9,1\n`;
    await expect(importClips(test.core, CsvImportInput.parse({ content: bad }))).rejects.toMatchObject({
      issues: [{ path: 'line 2, column visual_score' }, { path: 'line 3, column visual_score' }, { path: 'line 5, column end_ms' }],
    });
    expect(await importClips(test.core, CsvImportInput.parse({ content: bad, skip_invalid: true }))).toMatchObject({
      created: 0,
      skipped_count: 4,
    });
  });

  it('makes a publication once per idempotency key', async () => {
    const input = CreatePublicationInput.parse({ clip_id: clip, platform: 'tiktok', social_account_id: 'a', idempotency_key: 'k1' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => createPublication(test.core, input)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect(createPublication(test.core, { ...input, platform: 'youtube' })).rejects.toMatchObject({
      code: 'CONFLICT',
      issues: [{ path: 'idempotency_key' }],
    });
    const batch = await createPublications(test.core, {
      items: [{ ...input, idempotency_key: 'k2' }, input, { ...input, idempotency_key: 'k2' }],
    });
    expect(batch.items[1]?.id).toBe(answers[0]?.id);
    expect(batch.items[2]?.id).toBe(batch.items[0]?.id);
    const csv = 'clip_id,platform,social_account_id,idempotency_key\nclip_1,tiktok,a,k1\nclip_1,tiktok,a,k3\n';
    expect(await run(csv)).toMatchObject({ created: 1, unchanged: 1 });
    expect(await run(csv)).toMatchObject({ created: 0, unchanged: 2 });
    expect(await list()).toHaveLength(3);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });
});
