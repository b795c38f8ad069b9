import type { ScanPayload } from './payload.ts';
import { describeTarget } from './redis-node.ts';
import type { ScanState } from './scan-state.ts';
import type { Tally } from './tally.ts';

type Group = Tally['total'];

interface GroupReport {
  keys: number;
  types: Record<string, number>;
  without_ttl: number;
  /** Mean of the sampled keys times all keys; null when none was sampled. */
  estimated_bytes: number | null;
}

export interface ScanReport extends GroupReport {
  target: string;
  match: string;
  masters: number;
  dbsize_before: number;
  dbsize_after: number;
  vanished: number;
  prefixes: (GroupReport & { prefix: string | null })[];
  other_prefixes: GroupReport;
  largest_keys: { key: string; type: string; memory_bytes: number }[];
  sampling: { memory_every: number; sampled_keys: number; sampled_bytes: number };
  restarted_nodes: number;
  notes: string[];
}

interface Surroundings {
  payload: ScanPayload;
  masters: number;
  dbsize: number;
}

export function describeScan(
  { finished, dbsize: before, restarted_nodes }: ScanState,
  { payload, masters, dbsize }: Surroundings,
): ScanReport {
  const { total, prefixes, other, largest, vanished } = finished;
  return {
    target: describeTarget(payload.redis_url),
    match: payload.match,
    masters,
    ...describeGroup(total),
    dbsize_before: before,
    dbsize_after: dbsize,
    vanished,
    prefixes: prefixes
      .map(([prefix, group]) => ({ prefix, ...describeGroup(group) }))
      .sort((left, right) => right.keys - left.keys || ((left.prefix ?? '') < (right.prefix ?? '') ? -1 : 1)),
    other_prefixes: describeGroup(other),
    largest_keys: largest,
    sampling: { memory_every: payload.memory_sample_every, sampled_keys: total.sampled_keys, sampled_bytes: total.sampled_bytes },
    restarted_nodes,
    notes: notesOn({ before, after: dbsize, every: payload.memory_sample_every }),
  };
}

function describeGroup({ keys, types, without_ttl, sampled_keys, sampled_bytes }: Group): GroupReport {
  return { keys, types, without_ttl, estimated_bytes: sampled_keys === 0 ? null : Math.round((sampled_bytes / sampled_keys) * keys) };
}

function notesOn({ before, after, every }: { before: number; after: number; every: number }): string[] {
  const notes = [];
  if (every > 1) notes.push(`Bytes are an estimate and the largest keys are those of a sample: memory was asked for one key in ${every}.`);
  if (before !== after)
    notes.push(`Keys came and went during the scan (DBSIZE ${before}, then ${after}): some may be missing or counted twice.`);
  return notes;
}
