export { type RunningWorker, startAgent, type StartAgentOptions } from './start-agent.ts';
export { StateDir, StateDirTaken } from './state-dir.ts';
export {
  type CheckpointReport,
  type Completed,
  type Executor,
  type Failed,
  findStop,
  type JobContext,
  type Outcome,
  type OutputStream,
  permanentFailure,
  type StopReason,
  StopRequest,
} from '../executors/executor.ts';
export { createHandlerExecutors } from '../executors/handlers/run-handler.ts';
export { describePayload, describePayloadProblem } from '../executors/payload-problem.ts';
export { KeptOutput, keepOutput } from '../output/kept-output.ts';
export { clean, TextStream } from '../output/text-stream.ts';
export { runUntilSignal } from '../run-until-signal.ts';
