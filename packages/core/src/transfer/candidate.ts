/** A monitor as a file says it, not yet checked: `monitor` goes through the contract like any input. */
export type Candidate =
  | { readonly name: string; readonly monitor: Readonly<Record<string, unknown>> }
  | { readonly name: string; readonly reason: string };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Every entry of a list of monitors; one that is none is named by its place, not passed over. */
export function candidatesOf(list: readonly unknown[], candidateOf: (monitor: Record<string, unknown>) => Candidate): Candidate[] {
  return list.map((entry, index) => (isRecord(entry) ? candidateOf(entry) : { name: `entry ${index + 1}`, reason: 'is not a monitor' }));
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** A text, number or boolean as text; empty for anything else. */
export function plainOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
