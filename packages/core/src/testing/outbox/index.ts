export { notices, runOutbox, type Sender } from './run-outbox.ts';
