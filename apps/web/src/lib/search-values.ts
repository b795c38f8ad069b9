/**
 * What an address may say, without the schemas of the contracts: every page reads its address before anything is shown, and the schemas
 * would double what has to arrive first. The test beside this holds each of these to the contract.
 */
export type Check = (value: string) => boolean;

/** Every name of a union, in the order written; the compiler holds it to the union in both directions. */
export function namesOf<Name extends string>(names: Record<Name, true>): Name[] {
  return Object.keys(names) as Name[];
}

export function oneOf(names: readonly string[]): Check {
  return (value) => names.includes(value);
}

/** Names with commas between. */
export function someOf(names: readonly string[]): Check {
  return (value) => value.split(',').every((name) => names.includes(name));
}

/** The names of a value that `someOf` took; empty without one. */
export function namesIn<Name extends string>(value: string | undefined, names: readonly Name[]): Name[] {
  return (value ?? '').split(',').flatMap((name) => names.find((known) => known === name) ?? []);
}

export function matching(pattern: RegExp): Check {
  return (value) => pattern.test(value);
}

/** Characters, not UTF-16 units: the contracts count them so. */
export function textUpTo(maxChars: number): Check {
  return (value) => value !== '' && Array.from(value).length <= maxChars && !value.includes('\0');
}

export const isId = matching(/^[A-Za-z0-9_-]{1,64}$/);
export const isName = matching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
export const isCursor = matching(/^[A-Za-z0-9_-]{1,512}$/);

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const YEAR_10000_MS = 253_402_300_800_000;

/** A moment with its offset, from 1970 to 9999, on a day that exists. */
export function isTimestamp(value: string): boolean {
  const [, year, month, day] = MOMENT.exec(value) ?? [];
  const ms = Date.parse(value);
  if (year === undefined || !(ms >= 0 && ms < YEAR_10000_MS)) return false;
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}
