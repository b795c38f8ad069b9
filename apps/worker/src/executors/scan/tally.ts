import * as z from 'zod';

/**
 * SCAN visits keys in the order of their hashes, so a prefix with a real share of the keys is among the first ones met:
 * what comes after the table is full is small, and counted as `other`. Together they keep a checkpoint under its limit.
 */
const MAX_PREFIXES = 200;
const MAX_PREFIX_CHARS = 64;
const MAX_LARGEST = 20;
const MAX_KEY_CHARS = 128;
const MAX_TYPES = 24;

const Count = z.number().min(0);
const Types = z.record(z.string(), Count);
const Group = z.object({ keys: Count, without_ttl: Count, types: Types, sampled_keys: Count, sampled_bytes: Count });
type Group = z.infer<typeof Group>;

/** What was counted so far, of bounded size whatever the keys are. */
export const Tally = z.object({
  total: Group,
  vanished: Count,
  looked_at: Count,
  prefixes: z.array(z.tuple([z.string().nullable(), Group])),
  other: Group,
  largest: z.array(z.object({ key: z.string(), type: z.string(), memory_bytes: Count })),
});
export type Tally = z.infer<typeof Tally>;

/** One key as Redis described it; `memory_bytes` is null when it was not sampled. */
export interface KeyFacts {
  name: string;
  /** Null for a key without separator. */
  prefix: string | null;
  type: string;
  has_ttl: boolean;
  memory_bytes: number | null;
}

const emptyGroup = (): Group => ({ keys: 0, without_ttl: 0, types: {}, sampled_keys: 0, sampled_bytes: 0 });

export function emptyTally(): Tally {
  return { total: emptyGroup(), vanished: 0, looked_at: 0, prefixes: [], other: emptyGroup(), largest: [] };
}

export function prefixOf(name: string, separator: string, segments: number): string | null {
  let end = -1;
  for (let at = 0; at < segments; at += 1) {
    const next = name.indexOf(separator, end + 1);
    if (next < 0) break;
    end = next;
  }
  return end < 0 ? null : name.slice(0, Math.min(end, MAX_PREFIX_CHARS)).toWellFormed();
}

/** Counts into a tally. Keeps an index beside it, so that a million keys are a million look-ups. */
export class Counter {
  readonly tally: Tally;
  readonly #groups: Map<string | null, Group>;

  constructor(tally: Tally) {
    this.tally = tally;
    this.#groups = new Map(tally.prefixes);
  }

  add(facts: KeyFacts): void {
    count(this.tally.total, facts);
    count(this.#groupOf(facts.prefix), facts);
    if (facts.memory_bytes !== null) this.#keepIfLarge(facts, facts.memory_bytes);
  }

  addTally(other: Tally): void {
    addGroup(this.tally.total, other.total);
    addGroup(this.tally.other, other.other);
    for (const [prefix, group] of other.prefixes) addGroup(this.#groupOf(prefix), group);
    this.tally.vanished += other.vanished;
    this.tally.looked_at += other.looked_at;
    this.tally.largest = largestOf([...this.tally.largest, ...other.largest]);
  }

  #groupOf(prefix: string | null): Group {
    const known = this.#groups.get(prefix);
    if (known !== undefined) return known;
    if (this.tally.prefixes.length >= MAX_PREFIXES) return this.tally.other;
    const group = emptyGroup();
    this.#groups.set(prefix, group);
    this.tally.prefixes.push([prefix, group]);
    return group;
  }

  #keepIfLarge({ name, type }: KeyFacts, memory_bytes: number): void {
    const least = this.tally.largest.length < MAX_LARGEST ? -1 : (this.tally.largest.at(-1)?.memory_bytes ?? -1);
    if (memory_bytes <= least) return;
    const key = name.slice(0, MAX_KEY_CHARS).toWellFormed();
    this.tally.largest = largestOf([...this.tally.largest, { key, type, memory_bytes }]);
  }
}

function largestOf(keys: Tally['largest']): Tally['largest'] {
  return keys.toSorted((left, right) => right.memory_bytes - left.memory_bytes).slice(0, MAX_LARGEST);
}

function count(group: Group, facts: KeyFacts): void {
  group.keys += 1;
  if (!facts.has_ttl) group.without_ttl += 1;
  addType(group, facts.type, 1);
  if (facts.memory_bytes === null) return;
  group.sampled_keys += 1;
  group.sampled_bytes += facts.memory_bytes;
}

function addGroup(into: Group, from: Group): void {
  into.keys += from.keys;
  into.without_ttl += from.without_ttl;
  into.sampled_keys += from.sampled_keys;
  into.sampled_bytes += from.sampled_bytes;
  for (const [type, keys] of Object.entries(from.types)) addType(into, type, keys);
}

/** Modules bring types of their own; a name that is not known yet becomes `other` once there are many. */
function addType(group: Group, type: string, keys: number): void {
  const isKnown = Object.hasOwn(group.types, type) || Object.keys(group.types).length < MAX_TYPES;
  const name = isKnown ? type : 'other';
  group.types[name] = (group.types[name] ?? 0) + keys;
}
