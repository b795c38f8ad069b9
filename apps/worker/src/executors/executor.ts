// What every executor is made of, under one name for the folders beside it.
export { describePayloadProblem, type Executor, findStop, type JobContext, type Outcome, permanentFailure } from '@tidemark/sdk/agent';
