import { describe, expect, it } from 'vitest';
import { CreateKeyInput } from './access/contract.ts';
import { CreateChannelInput, WebhookConfig } from './alerts/contract.ts';
import { FailInput } from './jobs/contract.ts';
import { CreateMonitorInput } from './monitors/contract.ts';
import { CreateUserInput } from './users/contract.ts';
import { CreateVideoInput } from './videos/contract.ts';
import { RegisterWorkerInput } from './workers/contract.ts';
import { CreateWorkloadInput } from './workloads/contract.ts';

const worker = { worker_type: 'agent', version: '1', isolations: ['process'], kinds: ['command'], slots: 1 };
const NAMED = [
  ['a worker', RegisterWorkerInput, worker, 'name'],
  ['a monitor', CreateMonitorInput, { url: 'https://example.com' }, 'name'],
  ['a key', CreateKeyInput, { role: 'viewer' }, 'name'],
  ['a channel', CreateChannelInput, { type: 'slack', config: {} }, 'name'],
  ['a person', CreateUserInput, { email: 'a@example.com', role: 'viewer', password: 'a long enough password' }, 'name'],
  ['a video', CreateVideoInput, {}, 'title'],
] as const;

describe.each(NAMED)('the name of %s', (...[, schema, fields, field]) => {
  it('is in any script, and never turns the direction of what follows it', () => {
    for (const name of ['Магазин', 'متجر', 'חנות 2', '店 😀'])
      expect(schema.safeParse({ ...fields, [field]: name }).success, name).toBe(true);
    for (const name of ['photo_\u202Egpj.exe', '\u2066a', ' ', '', 'a\0b', 'half \ud83d']) {
      const parsed = schema.safeParse({ ...fields, [field]: name });
      expect(parsed.error?.issues[0]?.path, JSON.stringify(name)).toEqual([field]);
    }
  });
});

it('half of a surrogate pair is refused from people and taken from agents, who cut what others wrote', () => {
  const half = 'half \ud83d';
  expect(CreateWorkloadInput.safeParse({ kind: 'a', idempotency_key: half }).error?.issues[0]?.path).toEqual(['idempotency_key']);
  expect(CreateWorkloadInput.safeParse({ kind: 'a', labels: { a: half } }).error?.issues[0]?.path).toEqual(['labels', 'a']);
  expect(FailInput.safeParse({ job_id: 'wl_1', lease_epoch: 1, error: half, retryable: false, progress: { message: half } }).success).toBe(
    true,
  );
});

it.each([{ 'a\n': 'b' }, { a: 'b\r\nc: d' }, { '': 'b' }])('the headers of a webhook are not %j', (headers) => {
  const parsed = WebhookConfig.safeParse({ url: 'https://example.com', headers });
  expect(parsed.error?.issues[0]?.path[0]).toBe('headers');
});
