export { appendEvent } from './append-event.ts';
export type { NewEvent } from './append-event.ts';
export { EventHub } from './event-hub.ts';
export { foldLog } from './fold-log.ts';
export { getHead } from './get-head.ts';
export { listEvents } from './list-events.ts';
export { eventId, standingOf } from './positions.ts';
export type { PlacedItem } from './read-stream.ts';
export { watchStream, watchWorkload } from './watch-stream.ts';
