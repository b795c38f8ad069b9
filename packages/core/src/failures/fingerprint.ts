import { createHash } from 'node:crypto';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { FailureDomain } from './contract.ts';

const MAX_MESSAGE = 300;

const MAX_LINE = 2000;

/** What differs between two failures of one cause, in the order in which it is taken out; written so that PostgreSQL reads each as we do. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>'],
  [/(?<![0-9A-Za-z_])[a-z]{2,6}_[0-9A-Za-z]{12,}(?![0-9A-Za-z_])/g, '<id>'],
  [/(?<![0-9A-Za-z_])[0-9]{1,3}(?:[.][0-9]{1,3}){3}(?::[0-9]+)?(?![0-9A-Za-z_])/g, '<ip>'],
  [/(?<![0-9A-Za-z_<])(?:[a-z][a-z0-9+.-]*:\/)?\/[0-9A-Za-z_.@%+~-]+(?:\/[0-9A-Za-z_.@%+~-]*)+/gi, '<path>'],
  [/(?<![0-9A-Za-z_])0x[0-9a-f]+(?![0-9A-Za-z_])/gi, '<hex>'],
  [/(?<![0-9A-Za-z_])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?![0-9A-Za-z_])/gi, '<hex>'],
  [/[0-9]+(?:[.,][0-9]+)*/g, '<n>'],
];

const REASONS = {
  timeout: 'It took longer than its time limit.',
  expired: 'No worker took it before its start deadline.',
  quarantined: 'Its workers were lost too often.',
} as const satisfies Readonly<Record<string, string>>;
const NO_REASON = 'It failed without telling why.';

/** What a failure says; one that says nothing is told by the reason of its status. */
export function failureText(error: string | null, reason: string | null | undefined): string {
  if (error !== null && error !== '') return error;
  return Object.entries(REASONS).find(([name]) => name === reason)?.[1] ?? NO_REASON;
}

/** The first line of a failure without what differs from one to the next. */
export function messageOf(text: string): string {
  const [line = ''] = text.trim().split('\n');
  let message = line.slice(0, MAX_LINE);
  for (const [pattern, name] of DIFFERENT) message = message.replaceAll(pattern, name);
  return message.slice(0, MAX_MESSAGE);
}

/** The longest piece of a message that every failure of it holds as it stands: cheap to look for before the patterns are. */
function fixedPart(message: string): string {
  const pieces = message.slice(0, MAX_MESSAGE - 10).split(/<(?:id|ip|path|hex|n)>|<[a-z]*$/);
  return pieces.toSorted((left, right) => right.length - left.length)[0] ?? '';
}

/** Whether `messageOf` says `message` of a row's `error` and `status_reason`, as a condition on a table that has both. */
export function hasMessage(message: string): RawBuilder<SqlBool> {
  const reasons = sql.join(
    Object.entries(REASONS).map(([reason, text]) => sql`when ${sql.lit(reason)} then ${sql.lit(text)}`),
    sql` `,
  );
  const text = sql`coalesce(nullif(error, ''), case status_reason ${reasons} else ${sql.lit(NO_REASON)} end)`;
  let found = sql`left(split_part(btrim(${text}, ${' \t\n\r\f\v'}::text), ${'\n'}::text, 1), ${sql.lit(MAX_LINE)})`;
  for (const [pattern, name] of DIFFERENT)
    found = sql`regexp_replace(${found}, ${pattern.source}::text, ${name}::text, ${pattern.flags}::text)`;
  const part = fixedPart(message);
  return sql<SqlBool>`(coalesce(error, '') = '' or strpos(error, ${part}::text) > 0) and left(${found}, ${sql.lit(MAX_MESSAGE)}) = ${message}::text`;
}

/** Names the group of a failure: the same domain, subject and message are the same group. */
export function fingerprintOf(failure: { domain: FailureDomain; subject: string; message: string }): string {
  const text = JSON.stringify([failure.domain, failure.subject, failure.message]);
  return `fail_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}
