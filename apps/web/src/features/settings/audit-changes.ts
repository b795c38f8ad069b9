function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** "role: viewer → operator" of each field that an entry of the audit log says was changed. */
export function describeChanges(details: unknown): string[] {
  if (typeof details !== 'object' || details === null) return [];
  return Object.entries(details).map(([field, change]: [string, unknown]) => {
    const name = field.replaceAll('_', ' ');
    const [before, after] = Array.isArray(change) && change.length === 2 ? (change as [unknown, unknown]) : [null, change];
    return before === null ? `${name}: ${shown(after)}` : `${name}: ${shown(before)} → ${shown(after)}`;
  });
}
