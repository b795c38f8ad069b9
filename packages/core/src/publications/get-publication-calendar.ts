import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { type CalendarDay, PUBLICATION_STATUSES, type PublicationCalendar, type PublicationCalendarInput } from './contract.ts';
import { publicationCondition } from './publication-condition.ts';

/** What PostgreSQL says of a time zone it does not know. */
const UNKNOWN_ZONE = '22023';

interface Day {
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly first: string;
  readonly previous: string;
  readonly next: string;
  readonly today: string;
  readonly as_of: string;
}

/** The days of whole weeks, each with the moments between which it lies. Midnights that a change of the clocks skips are the moment after it. */
async function readDays(ctx: CoreContext, { span, at, timezone }: PublicationCalendarInput): Promise<Day[]> {
  const step = sql`(1 || ${span}::text)::interval`;
  const query = sql<Day>`
    with today as (select (now() at time zone ${timezone}::text)::date as today),
    span as (select today, date_trunc(${span}::text, coalesce(${at ?? null}::date, today)::timestamp) as first from today)
    select d::date::text as date, d at time zone ${timezone}::text as "from", (d + interval '1 day') at time zone ${timezone}::text as "to",
      first::date::text as first, (first - ${step})::date::text as previous, (first + ${step})::date::text as next, today::text as today, now() as as_of
    from span, generate_series(date_trunc('week', first), date_trunc('week', first + ${step} - interval '1 day') + interval '6 days', interval '1 day') as d
    order by d`;
  try {
    return (await query.execute(ctx.database.db)).rows;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNKNOWN_ZONE) throw invalid('timezone', 'is not known to the database');
    throw error;
  }
}

interface Count {
  readonly day: number;
  readonly status: (typeof PUBLICATION_STATUSES)[number];
  readonly count: number;
  readonly late: number;
}

/** How many are due on each day, by status; `day` counts from 1. */
async function countDays(ctx: CoreContext, input: PublicationCalendarInput, bounds: readonly string[]): Promise<Count[]> {
  const due = { due_from: bounds[0], due_to: bounds.at(-1) };
  return ctx.database.db
    .selectFrom('publication')
    .select((eb) => [
      sql<number>`width_bucket(due_at, ${bounds}::timestamptz[])`.as('day'),
      'status',
      eb.fn.countAll<number>().as('count'),
      sql<number>`count(*) filter (where status = 'pending' and scheduled_for is not null and due_at < now())`.as('late'),
    ])
    .where(publicationCondition({ ...input, ...due }))
    .groupBy(['day', 'status'])
    .execute();
}

/** What waits, of any day: the index of pending ones holds no more than the queue. */
async function countWaiting(ctx: CoreContext, input: PublicationCalendarInput): Promise<{ unscheduled: number; late: number }> {
  return ctx.database.db
    .selectFrom('publication')
    .select([
      sql<number>`count(*) filter (where scheduled_for is null)`.as('unscheduled'),
      sql<number>`count(*) filter (where scheduled_for is not null and due_at < now())`.as('late'),
    ])
    .where(publicationCondition(input))
    .where(sql<boolean>`status = 'pending'`)
    .executeTakeFirstOrThrow();
}

/**
 * A month or a week as days of a time zone, each with the number of publications due on it, by status. Three reads, whatever
 * there is: the days, one grouped count, and what waits. @throws {AppError} VALIDATION for a zone the database does not know.
 */
export async function getPublicationCalendar(ctx: CoreContext, input: PublicationCalendarInput): Promise<PublicationCalendar> {
  const days = await readDays(ctx, input);
  const [day] = days;
  if (day === undefined) throw new Error('unreachable: a calendar without a day');
  const bounds = [...days.map(({ from }) => from), days.at(-1)?.to ?? day.to];
  const [counts, waiting] = await Promise.all([countDays(ctx, input, bounds), countWaiting(ctx, input)]);
  const { first, previous, next, today, as_of } = day;
  return {
    span: input.span,
    timezone: input.timezone,
    first,
    previous,
    next,
    today,
    as_of,
    days: days.map(({ date, from, to }, index): CalendarDay => {
      const mine = counts.filter((count) => count.day === index + 1);
      const of = (status: Count['status']): number => mine.find((count) => count.status === status)?.count ?? 0;
      return {
        date,
        from,
        to,
        is_inside: date >= first && date < next,
        counts: Object.fromEntries(PUBLICATION_STATUSES.map((status) => [status, of(status)])) as CalendarDay['counts'],
        late: mine.reduce((sum, count) => sum + count.late, 0),
      };
    }),
    ...waiting,
  };
}
