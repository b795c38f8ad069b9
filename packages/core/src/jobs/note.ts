import type { AppError } from '../errors.ts';
import { giveLeaseRows } from '../leases/index.ts';
import type { GroupKind, StatementRunner, Writer } from '../ports/index.ts';
import { NOTE, NOTE_COLUMNS } from './note-statement.ts';
import { inspectLeases, refusalOfEnding, staleError, type Inspection } from './stale.ts';

/** One checkpoint or output chunk as the statement takes it. */
export interface NoteRow {
  readonly id: string;
  readonly epoch: number;
  readonly worker: string | null;
  readonly op: 'checkpoint' | 'output';
  readonly cursor: string | null;
  readonly progress: string | null;
  readonly keys: number | null;
  readonly request_id: string | null;
  readonly seq: number | null;
  readonly bytes: number | null;
  /** The event's JSON object, without its attempt. */
  readonly item: string;
}

export interface Noted {
  readonly id: string;
  readonly worker_id: string;
  readonly accepted_at: string;
  readonly is_repeat: boolean;
}

interface NotedRow {
  ord: number;
  id: string;
  worker_id: string;
  accepted_at: string;
}

function isRepeat(row: NoteRow, state: Inspection | undefined): boolean {
  if (state?.open_epoch !== row.epoch) return false;
  if (row.op === 'output') return row.seq !== null && state.output_seq !== null && state.output_seq >= row.seq;
  return row.request_id !== null && state.last_request_id === row.request_id;
}

/** Splits notes so that no statement holds a workload twice: an update sees each row once. Answers places in `items`. */
function waves(items: readonly NoteRow[], places: readonly number[]): number[][] {
  const idAt = (place: number): string => items[place]?.id ?? '';
  const out: number[][] = [];
  const next = new Map<string, number>();
  for (const place of places) {
    const wave = next.get(idAt(place)) ?? 0;
    next.set(idAt(place), wave + 1);
    (out[wave] ??= []).push(place);
  }
  for (const wave of out) wave.sort((left, right) => (idAt(left) < idAt(right) ? -1 : 1));
  return out;
}

/** Writes what of these places finds its lease row, and notes the answers. */
async function writeFound(
  runner: StatementRunner,
  notes: { slot: number; items: readonly NoteRow[]; answers: (Noted | AppError)[] },
  places: readonly number[],
): Promise<void> {
  for (const wave of waves(notes.items, places)) {
    const rows = wave.map((place) => notes.items[place]).filter((row) => row !== undefined);
    const noted = await runner.run<NotedRow>(NOTE, [notes.slot, ...NOTE_COLUMNS.map((column) => rows.map((row) => row[column]))]);
    for (const row of noted) {
      const place = wave[row.ord - 1];
      if (place !== undefined)
        notes.answers[place] = { id: row.id, worker_id: row.worker_id, accepted_at: row.accepted_at, is_repeat: false };
    }
  }
}

async function writeNotes(writer: Writer, items: readonly NoteRow[]): Promise<(Noted | AppError)[]> {
  const answers: (Noted | AppError)[] = [];
  const notes = { slot: writer.slot, items, answers };
  const places = items.map((_, place) => place);
  const ids = items.map((row) => row.id);
  if (new Set(ids).size === items.length) await writeFound(writer, notes, places);
  else {
    await giveLeaseRows(writer, ids);
    await writer.transaction((tx) => writeFound(tx, notes, places));
  }
  // The first word about a job gives its lease a row; the sweep may have done so just now.
  const silent = places.filter((place) => answers[place] === undefined);
  if (silent.length > 0) {
    await giveLeaseRows(
      writer,
      silent.map((place) => ids[place] ?? ''),
    );
    await writeFound(writer, notes, silent);
  }
  const refused = items.map((row, index) => ({ row, index })).filter(({ index }) => answers[index] === undefined);
  if (refused.length === 0) return answers;
  const found = await inspectLeases(
    writer,
    refused.map(({ row }) => row),
  );
  refused.forEach(({ row, index }, at) => {
    const state = found.find((entry) => entry.ord === at + 1);
    answers[index] = isRepeat(row, state)
      ? { id: row.id, worker_id: state?.lease_worker ?? '', accepted_at: '', is_repeat: true }
      : (refusalOfEnding(state, { ...row, outcomes: [] }) ?? staleError(state, row));
  });
  return answers;
}

/**
 * Checkpoints and output chunks: reports that keep the lease. What one call carries stays together: on two connections at
 * once, the second half could come first, and its chunk numbers would make the first half look like repeats.
 */
export const NOTE_KIND: GroupKind<readonly NoteRow[], readonly (Noted | AppError)[]> = {
  name: 'note',
  maxRows: 1000,
  rows: (rows) => rows.length,
  async write(writer, items) {
    const answers = await writeNotes(writer, items.flat());
    let start = 0;
    return items.map((item) => answers.slice(start, (start += item.length)));
  },
};
