import type { Subject } from '../../trial.ts';
import { checkpoints, singleCheckpoints } from './checkpoints.ts';
import { httpCreate, httpLatency, httpLifecycle } from './over-http.ts';
import { idleServer } from './idle-server.ts';
import { create, decay, embeddedLifecycle, idleLatency, lifecycle } from './in-process.ts';
import { withUncountedWriters } from './lenses.ts';
import { record } from './record-runs.ts';
import { stats } from './stats.ts';
import { uptime } from './uptime.ts';

export const tidemark: Subject = {
  lifecycle: lifecycle(),
  create,
  checkpoint: checkpoints,
  latency: idleLatency,
  stats,
  decay,
  uptime,
  record,
};
export const tidemarkHttp: Subject = { lifecycle: httpLifecycle, create: httpCreate, latency: httpLatency, idle: idleServer };
export const tidemarkSingle: Subject = { checkpoint: singleCheckpoints };
export const tidemarkUncounted: Subject = { lifecycle: lifecycle(withUncountedWriters) };
export const tidemarkPglite: Subject = { lifecycle: embeddedLifecycle };
