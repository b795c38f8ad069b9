import { matching } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';

/** The id of an event. */
export const isEventId = matching(/^[0-9a-z]{1,16}\.[0-9]{1,18}$/);

/** What the address of the page may say: the event before which its log begins. */
export const activitySearch = { cursor: isEventId } satisfies Record<string, Check>;
