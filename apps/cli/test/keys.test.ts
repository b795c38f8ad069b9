import { expect, test } from 'vitest';
import { run, Stack } from './command.ts';

const ADMIN = 'an-administrator-of-this-test';

test('keys are created once, listed without their secret, and refused when revoked', async () => {
  await using stack = await Stack.start(['--no-worker'], { TIDEMARK_ADMIN_KEY: ADMIN });
  const admin = { env: { TIDEMARK_KEY: ADMIN } };
  const created = await stack.run(['keys', 'create', '--name', 'reader', '--role', 'viewer', '--expires-in', '90d'], admin);
  expect(created.code).toBe(0);
  const key = created.stdout.trim();
  const id = /Created (\S+) \(viewer\)/.exec(created.stderr)?.[1] ?? '';
  const listed = await stack.run(['keys', 'list'], admin);
  expect(listed.stdout).toMatch(new RegExp(`^${id} +reader +viewer +live `, 'm'));
  expect(listed.stdout).not.toContain(key);
  expect((await stack.run(['stats', '--key', key])).code).toBe(0);
  const tooWeak = await stack.run(['keys', 'list', '--key', key]);
  expect(tooWeak.code).toBe(77);
  expect(tooWeak.stderr).toContain('--key');
  expect((await stack.run(['keys', 'revoke', id], admin)).stdout).toBe(`${id} revoked\n`);
  expect((await stack.run(['stats', '--key', key])).code).toBe(77);
});

test('keys are rotated and limited, people added and disabled, and the audit log checked', async () => {
  await using stack = await Stack.start(['--no-worker'], { TIDEMARK_ADMIN_KEY: ADMIN });
  const admin = { env: { TIDEMARK_KEY: ADMIN } };
  const limited = ['keys', 'create', '--name', 'mail', '--role', 'operator', '--queue', 'mail,news', '--no-payloads', '--json'];
  const created = JSON.parse((await stack.run(limited, admin)).stdout) as { id: string };
  expect(created).toMatchObject({ queues: ['mail', 'news'], kinds: null, sees_payloads: false });
  const rotated = await stack.run(['keys', 'rotate', created.id, '--overlap', '0s'], admin);
  expect({ code: rotated.code, key: rotated.stdout.slice(0, 4) }).toEqual({ code: 0, key: 'tmk_' });
  const add = ['users', 'create', '--email', 'ada@example.com', '--role', 'viewer'];
  const added = await stack.run(add, { ...admin, input: 'correct horse battery staple\n' });
  expect(added.stdout).toMatch(/^usr_\w+\n$/);
  expect((await stack.run(['users', 'disable', added.stdout.trim()], admin)).stdout).toContain('disabled');
  expect((await stack.run(['users', 'list'], admin)).stdout).toMatch(/ada@example\.com +viewer +disabled/);
  const verified = await stack.run(['audit', 'verify'], admin);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^intact: [1-9]/) });
});

test('without a key a server that wants one refuses with 77 and says how to give it', async () => {
  await using stack = await Stack.start([], { TIDEMARK_ADMIN_KEY: ADMIN });
  for (const command of [
    ['workload', 'list'],
    ['workload', 'submit', '--', 'true'],
    ['workload', 'tail', 'wl_1'],
    ['workload', 'submit', '--wait', '--', 'true'],
  ]) {
    const { code, stdout, stderr } = await stack.run(command);
    expect({ command, code, stdout }).toEqual({ command, code: 77, stdout: '' });
    expect(stderr).toContain('TIDEMARK_KEY');
  }
  const waited = await stack.run(['workload', 'submit', '--wait', '--', 'echo', 'hello'], { env: { TIDEMARK_KEY: ADMIN } });
  expect(waited).toMatchObject({ code: 0, stdout: 'hello\n' });
});

test('migrate brings an empty folder up to date and ends', async () => {
  await using stack = await Stack.start(['--no-worker']);
  const migrated = await run(['migrate', '--json', '--data-dir', `${stack.folder}/fresh`]);
  expect(migrated.code).toBe(0);
  expect(JSON.parse(migrated.stdout)).toEqual({ migrated: true });
  const locked = await run(['migrate', '--data-dir', `${stack.folder}/data`]);
  expect({ code: locked.code, stdout: locked.stdout }).toEqual({ code: 1, stdout: '' });
  expect(locked.stderr).not.toBe('');
});
