// What every executor is made of, under one name for the folders beside it.
export {
  clean,
  type Completed,
  describePayloadProblem,
  type Executor,
  type Failed,
  findStop,
  type JobContext,
  type Outcome,
  type OutputStream,
  permanentFailure,
  StopRequest,
} from '@tidemark/sdk/agent';
