export { giveLeaseRow, giveLeaseRows, insertLeases } from './give-rows.ts';
export { runningIn } from './running-in.ts';
export { GRANT_AGE_MS, SETTLE, settleGrants } from './settle-grants.ts';
