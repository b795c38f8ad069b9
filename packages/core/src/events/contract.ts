import * as z from 'zod';
import { Id, text } from '../contract.ts';

/** A resumable position: `<epoch>.<position>`; a restore starts a new epoch. */
export const EventId = z.string().regex(/^[0-9a-z]{1,16}\.[0-9]{1,18}$/);

/** One entry of the log as every live view receives it. */
export const StreamEvent = z
  .object({
    id: z.string().describe('`<epoch>.<position>`; hand it back as `Last-Event-ID` to resume.'),
    stream: z.string(),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    created_at: z.string(),
  })
  .meta({ id: 'StreamEvent' });
export type StreamEvent = z.infer<typeof StreamEvent>;

/** Logs of all of a kind, for lists and dashboards. */
export const SHARED_STREAMS = ['workloads', 'workers', 'monitors', 'publications'] as const;

export const WatchEventsInput = z.strictObject({
  /** Changes of all of a kind, for lists and dashboards. */
  stream: z.enum(SHARED_STREAMS).default('workloads'),
  lastEventId: z.string().max(128).nullish(),
  kind: text(64).optional(),
});
export type WatchEventsInput = z.infer<typeof WatchEventsInput>;

export const WatchManyInput = z.strictObject({
  streams: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,19}$/)
    .describe('Up to 20, with commas between: `workloads`, `workers`, `monitors`, `publications`, or the id of a workload.'),
  lastEventId: z.string().max(4096).nullish(),
});
export type WatchManyInput = z.infer<typeof WatchManyInput>;

/** An event of one of several streams. */
export const ManyEvent = z.object({
  id: z.string().describe('The position in all of the streams; hand it back as `Last-Event-ID` to resume them.'),
  event: StreamEvent.nullable().describe('Null in the first message, which only tells the position.'),
});
export type ManyEvent = z.infer<typeof ManyEvent>;

export const ListEventsInput = z.strictObject({
  stream: z
    .string()
    .regex(/^[A-Za-z0-9_:-]{1,80}$/)
    .default('workloads'),
  order: z.enum(['asc', 'desc']).default('asc').describe('`asc`: oldest first. `desc`: newest first, from the newest there is.'),
  after: z.string().max(128).optional().describe('An event id; answers with what came after it. For `asc`.'),
  before: z.string().max(128).optional().describe('An event id; answers with what came before it. For `desc`.'),
  limit: z.int().min(1).max(1000).default(100),
});
export type ListEventsInput = z.infer<typeof ListEventsInput>;
export const ListEventsOutput = z.object({ items: z.array(StreamEvent), next_cursor: z.string().nullable() });
export const WatchInput = z.strictObject({ id: Id, lastEventId: z.string().max(128).nullish() });
