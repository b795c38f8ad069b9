export { claimJobs } from './claim-jobs.ts';
export { CLOSE_KIND, closeRow } from './close.ts';
export type { Closed, CloseRow } from './close.ts';
export { ParkedAgents } from './parked-claims.ts';
export { closeLeases, report } from './report.ts';
export { checkpointJob, completeJob, failJob, recordOutput, releaseJob } from './report-one.ts';
export { sweepLeases } from './sweep-leases.ts';
