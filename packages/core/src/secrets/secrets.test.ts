import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { engines } from '../testing/index.ts';
import { createTestCore } from '../testing/create-test-core.ts';
import { fillSecrets, secretNamesIn, SetSecretInput } from './contract.ts';
import { deleteSecret, listSecrets, resolveSecrets, revealSecrets, rotateSecrets, setSecret } from './index.ts';

const VALUE = 'correct horse battery staple';
const key = (text: string) => ({ id: text, bytes: hash('sha256', text, 'buffer') });
const OLD = key('old');
const NEW = key('new');

describe.each(engines())('secrets on %s', (engine) => {
  it('are stored sealed, listed by name, and opened only with their key', async () => {
    await using test = await createTestCore(engine, undefined, { secretKeys: [OLD] });
    const { core } = test;
    await setSecret(core, { name: 'TOKEN', value: VALUE });
    const [row] = await core.database.db.selectFrom('secret').selectAll().execute();
    expect(Buffer.from(row?.sealed ?? '', 'base64').toString('latin1')).not.toContain(VALUE.slice(0, 6));
    expect(Object.keys((await listSecrets(core))[0] ?? {}).toSorted()).toEqual(['created_at', 'key_id', 'name', 'updated_at']);
    expect(await resolveSecrets(core, { a: ['Bearer {{secret.TOKEN}}'] })).toEqual({ a: [`Bearer ${VALUE}`] });
    const without = { ...core, secretKeys: [NEW] };
    await expect(resolveSecrets(without, '{{secret.TOKEN}}')).rejects.toThrow(/sealed with the key old/);
    await expect(setSecret({ ...core, secretKeys: [] }, { name: 'TOKEN', value: VALUE })).rejects.toThrow(/no key for secrets/);
    await deleteSecret(core, { name: 'TOKEN' });
    await expect(resolveSecrets(core, '{{secret.TOKEN}}')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(deleteSecret(core, { name: 'TOKEN' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('cannot be moved to another name or changed by hand', async () => {
    await using test = await createTestCore(engine, undefined, { secretKeys: [OLD] });
    const { core } = test;
    await setSecret(core, { name: 'ONE', value: VALUE });
    await setSecret(core, { name: 'TWO', value: 'another value' });
    const { sealed } = await core.database.db.selectFrom('secret').select('sealed').where('name', '=', 'ONE').executeTakeFirstOrThrow();
    await core.database.db.updateTable('secret').set({ sealed }).where('name', '=', 'TWO').execute();
    await expect(resolveSecrets(core, '{{secret.TWO}}')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    for (const changed of ['', 'AAAA', `${sealed.slice(0, -4)}AAAA`]) {
      await core.database.db.updateTable('secret').set({ sealed: changed }).where('name', '=', 'ONE').execute();
      await expect(resolveSecrets(core, '{{secret.ONE}}'), changed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
  });

  it('are sealed anew when the key changes, and read all the while', async () => {
    await using test = await createTestCore(engine, undefined, { secretKeys: [OLD] });
    await setSecret(test.core, { name: 'ONE', value: VALUE });
    await setSecret(test.core, { name: 'TWO', value: 'another value' });
    const both = { ...test.core, secretKeys: [NEW, OLD] };
    expect(await resolveSecrets(both, '{{secret.ONE}}')).toBe(VALUE);
    expect(await rotateSecrets(both)).toEqual({ key_id: 'new', resealed: 2 });
    expect(await rotateSecrets(both)).toEqual({ key_id: 'new', resealed: 0 });
    expect(await resolveSecrets({ ...test.core, secretKeys: [NEW] }, '{{secret.ONE}} {{secret.TWO}}')).toBe(`${VALUE} another value`);
  });

  it('are revealed to the holder of a job that refers to them, and nobody else', async () => {
    await using test = await createTestCore(engine, undefined, { secretKeys: [OLD] });
    await setSecret(test.core, { name: 'ONE', value: VALUE });
    await setSecret(test.core, { name: 'TWO', value: 'another value' });
    const { id } = await test.submit({ payload: { command: 'true', env: { A: '{{secret.ONE}}' } } });
    await expect(revealSecrets(test.core, { job_id: id, lease_epoch: 1 })).rejects.toMatchObject({ code: 'LEASE_STALE' });
    const worker = await test.worker();
    const job = await test.claimOne(worker);
    expect(JSON.stringify(job)).not.toContain(VALUE);
    expect(await revealSecrets(test.core, { job_id: id, lease_epoch: job.lease_epoch })).toEqual({ values: { ONE: VALUE } });
    await expect(revealSecrets(test.core, { job_id: id, lease_epoch: job.lease_epoch + 1 })).rejects.toMatchObject({ code: 'LEASE_STALE' });
    await test.report(worker, { op: 'complete', job_id: id, lease_epoch: job.lease_epoch });
    await expect(revealSecrets(test.core, { job_id: id, lease_epoch: job.lease_epoch })).rejects.toMatchObject({ code: 'LEASE_STALE' });
  });
});

it('a reference is exactly {{secret.NAME}}, wherever it stands', () => {
  const text = '{{secret.A}} {{secret.B_2}}{{secret.A}} {{ secret.C }} {{secret.d}} {{secret.__proto__}} {{token}} {{secret.}}';
  expect(secretNamesIn(text)).toEqual(['A', 'B_2']);
  expect(fillSecrets({ 'k{{secret.A}}': ['{{secret.A}}!', 1, null] }, { A: '{{secret.B}} $&' })).toEqual({
    'k{{secret.A}}': ['{{secret.B}} $&!', 1, null],
  });
  expect(fillSecrets('{{secret.TOSTRING}}', {})).toBe('{{secret.TOSTRING}}');
});

it('a value too short to be hidden, or a name that is none, is refused', () => {
  for (const value of ['', '1234567', 'a\0bcdefgh', '\ud800abcdefgh', 'x'.repeat(16_385)])
    expect(SetSecretInput.safeParse({ name: 'A', value }).success).toBe(false);
  for (const name of ['a', '1A', 'A-B', '', 'A'.repeat(65), '__proto__'])
    expect(SetSecretInput.safeParse({ name, value: VALUE }).success).toBe(false);
});
