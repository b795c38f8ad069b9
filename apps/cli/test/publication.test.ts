import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@tidemark/api/client';
import { expect, test } from 'vitest';
import { Stack } from './command.ts';

test('publications are imported, listed, cancelled, retried and exported from the command line', { timeout: 240_000 }, async () => {
  await using stack = await Stack.start([]);
  const { publishing } = createClient({ url: stack.url });
  const video = await publishing.videos.create.mutate({ title: 'A video' });
  const clips = join(stack.folder, 'clips.csv');
  await writeFile(clips, `id,video_id,title\nclip_1,${video.id},One\n`);
  expect(await stack.run(['publication', 'import', clips, '--clips'])).toMatchObject({
    code: 0,
    stdout: '1 created, 0 unchanged, 0 left out\n',
  });
  const plan = join(stack.folder, 'plan.csv');
  await writeFile(plan, 'clip_id,platform,social_account_id\nclip_1,tiktok,a\nclip_2,tiktok,a\n');
  const refused = await stack.run(['publication', 'import', plan]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('line 3, column clip_id');
  const partly = await stack.run(['publication', 'import', plan, '--skip-invalid']);
  expect(partly).toMatchObject({ code: 1, stdout: '1 created, 0 unchanged, 1 left out\n' });
  const created = await stack.run(['publication', 'create', 'clip_1', 'tiktok', 'a', '--at', '2030-01-01T00:00:00Z']);
  const id = created.stdout.trim();
  expect((await stack.run(['publication', 'list', '--status', 'scheduled'])).stdout).toContain(id);
  expect((await stack.run(['publication', 'get', id])).stdout).toContain('is scheduled: It is scheduled for 2030-01-01');
  expect(await stack.run(['publication', 'cancel', id])).toMatchObject({ code: 0, stdout: `${id} is cancelled\n` });
  expect((await stack.run(['publication', 'retry', id])).stdout).toContain(`${id} is pending: `);
  const csv = await stack.run(['export', 'publications', '--account', 'a']);
  expect(csv.stdout.split('\r\n').map((line) => line.split(',').slice(1, 4).join())).toEqual([
    'clip_id,platform,social_account_id',
    'clip_1,tiktok,a',
    'clip_1,tiktok,a',
    '',
  ]);
  const book = join(stack.folder, 'plan.xlsx');
  expect(await stack.run(['export', 'publications', '--format', 'xlsx', '--output', book])).toMatchObject({ code: 0, stdout: '' });
  expect((await readFile(book)).subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
  expect(await stack.run(['export', 'publications', '--output', join(stack.folder, 'none', 'x.csv')])).toMatchObject({ code: 2 });
  expect((await readdir(stack.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});
