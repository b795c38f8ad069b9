import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEvents } from '../events/index.ts';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, deleteMonitor } from '../monitors/index.ts';
import { listOutages, resolveOutage } from '../outages/index.ts';
import { recordFinished } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { recordedRun } from '../testing/history-store-contract.ts';
import { engines } from '../testing/index.ts';
import { CreateNoteInput, MAX_NOTE_CHARS, MAX_NOTES } from './contract.ts';
import { createNote, deleteNote, getNote, listNotes, updateNote, type NoteWriter } from './index.ts';

const ANNA: NoteWriter = { kind: 'key', id: 'key_anna', name: 'anna', is_admin: false };
const BEN: NoteWriter = { kind: 'key', id: 'key_ben', name: 'ben', is_admin: false };
const ADMIN: NoteWriter = { kind: 'key', id: 'key_admin', name: 'admin', is_admin: true };

describe.each(engines())('notes on outages on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  /** An outage of a monitor of its own. */
  const outage = async (): Promise<{ id: string; test_id: string }> => {
    const definition = { name: 'Shop', url: 'https://example.com', status: 'paused' };
    const { id: test_id } = await createMonitor(test.core, CreateMonitorInput.parse(definition));
    const run = recordedRun(test_id, { passed: false });
    await test.core.database.db.transaction().execute((tx) => recordFinished(test.core, tx, [run]));
    const { items } = await listOutages(test.core, { test_id, limit: 1 });
    return { id: items[0]?.id ?? '', test_id };
  };
  const lastEvent = async () => (await listEvents(test.core, { stream: 'monitors', order: 'desc', limit: 1 })).items[0];
  const all = (id: string, limit = 100) => listNotes(test.core, { id, limit }, ANNA);

  it('keeps who wrote what and when, the newest first, while the outage goes on and afterwards', async () => {
    const { id } = await outage();
    const first = await createNote(test.core, { id, text: 'Looking at it.\nSince 12:00.' }, ANNA);
    await resolveOutage(test.core, { id }, 'anyone');
    const second = await createNote(test.core, { id, text: 'It was the provider.' }, BEN);
    expect((await all(id)).items).toEqual([
      { ...second, can_edit: false, can_delete: false },
      { ...first, can_edit: true, can_delete: true },
    ]);
    expect(first).toMatchObject({
      outage_id: id,
      text: 'Looking at it.\nSince 12:00.',
      author_kind: 'key',
      author_name: 'anna',
      edited_at: null,
    });
    const page = await all(id, 1);
    expect(page.items).toMatchObject([{ id: second.id }]);
    const rest = await listNotes(test.core, { id, limit: 1, cursor: page.next_cursor ?? '' }, BEN);
    expect(rest).toMatchObject({ items: [{ id: first.id, can_edit: false }], next_cursor: null });
  });

  it('is changed by its author only, and says that it was', async () => {
    const { id } = await outage();
    const { id: note_id } = await createNote(test.core, { id, text: 'Looking at it.' }, ANNA);
    const at = { id, note_id };
    for (const other of [BEN, ADMIN, { ...ANNA, kind: 'user' as const }]) {
      await expect(updateNote(test.core, { ...at, text: 'Nonsense' }, other)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await updateNote(test.core, { ...at, text: 'Looking at it.' }, ANNA)).toMatchObject({ edited_at: null });
    const changed = await updateNote(test.core, { ...at, text: 'Fixed.' }, { ...ANNA, name: 'anna, rotated' });
    expect(changed).toMatchObject({ text: 'Fixed.', author_name: 'anna', edited_at: expect.any(String) as string });
    expect(await getNote(test.core, at, ANNA)).toEqual(changed);
  });

  it('is deleted by its author or an administrator', async () => {
    const { id } = await outage();
    const [own, other] = [await createNote(test.core, { id, text: 'a' }, ANNA), await createNote(test.core, { id, text: 'b' }, ANNA)];
    await expect(deleteNote(test.core, { id, note_id: own.id }, BEN)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await deleteNote(test.core, { id, note_id: own.id }, ANNA)).toEqual({ id: own.id, deleted: true });
    await deleteNote(test.core, { id, note_id: other.id }, ADMIN);
    expect((await all(id)).items).toEqual([]);
    await expect(deleteNote(test.core, { id, note_id: own.id }, ANNA)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is told to who follows the monitors, without its text', async () => {
    const { id, test_id } = await outage();
    const { id: note_id } = await createNote(test.core, { id, text: 'the password is hunter2' }, ANNA);
    const data = { id, test_id, note_id, by: 'key_anna' };
    expect(await lastEvent()).toMatchObject({ type: 'outage.note_added', data });
    await updateNote(test.core, { id, note_id, text: 'hunter2 it was' }, ANNA);
    expect(await lastEvent()).toMatchObject({ type: 'outage.note_edited', data });
    const edited = await lastEvent();
    await updateNote(test.core, { id, note_id, text: 'hunter2 it was' }, ANNA);
    expect(await lastEvent()).toEqual(edited);
    await deleteNote(test.core, { id, note_id }, ADMIN);
    expect(await lastEvent()).toMatchObject({ type: 'outage.note_deleted', data: { ...data, by: 'key_admin' } });
    const { items } = await listEvents(test.core, { stream: 'monitors', limit: 1000 });
    expect(JSON.stringify(items)).not.toContain('hunter2');
  });

  it('belongs to one outage, and goes with its monitor', async () => {
    const [one, other] = [await outage(), await outage()];
    const note = await createNote(test.core, { id: one.id, text: 'here' }, ANNA);
    const elsewhere = { id: other.id, note_id: note.id };
    await expect(getNote(test.core, elsewhere, ANNA)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(updateNote(test.core, { ...elsewhere, text: 'x' }, ANNA)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(createNote(test.core, { id: 'out_none', text: 'x' }, ANNA)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(all('out_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await deleteMonitor(test.core, { test_id: one.test_id });
    expect(await test.core.database.db.selectFrom('outage_note').select('id').where('outage_id', '=', one.id).execute()).toEqual([]);
  });

  it('has room for so many and no more, also when they come at once', async () => {
    const { id } = await outage();
    const filled = Array.from({ length: MAX_NOTES - 1 }, (_, index) => ({
      id: `note_${String(index).padStart(4, '0')}_${id}`,
      outage_id: id,
      text: 'x',
      author_kind: 'key' as const,
      author_id: 'key_anna',
    }));
    await test.core.database.db.insertInto('outage_note').values(filled).execute();
    const tried = await Promise.allSettled([1, 2, 3].map((n) => createNote(test.core, { id, text: `${n}` }, ANNA)));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await all(id, MAX_NOTES)).items).toHaveLength(MAX_NOTES);
    await expect(createNote(test.core, { id, text: 'x' }, ANNA)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

it.each([
  ['empty', ''],
  ['blank', ' \n'],
  ['with NUL', 'a\0b'],
  ['too long', 'x'.repeat(MAX_NOTE_CHARS + 1)],
])('takes no text that is %s', (_what, text) => {
  expect(CreateNoteInput.safeParse({ id: 'out_1', text }).error?.issues[0]?.path).toEqual(['text']);
});

it('takes the longest text there may be', () => {
  expect(CreateNoteInput.safeParse({ id: 'out_1', text: 'x'.repeat(MAX_NOTE_CHARS) }).success).toBe(true);
});
