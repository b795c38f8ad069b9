import { type Client, isAppError } from '@tidemark/api/client';
import { PublishPayload, SendReport } from '@tidemark/core/publications/contract';
import { createEgress, type Egress } from '@tidemark/egress';
import { describePayloadProblem, type Executor, findStop, type JobContext, type Outcome, permanentFailure } from '@tidemark/sdk/agent';
import type { Connector } from './connector.ts';
import { webhookConnector } from './send-webhook.ts';

/** Never a platform, whatever the settings say: they hand out the machine's own credentials. */
const METADATA = ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', '100.100.100.200', 'metadata.google.internal'];
const BEGIN_LIMIT_MS = 15_000;

export interface PublishOptions {
  readonly client: Client;
  /** Hosts that this machine may not reach. */
  readonly deny: readonly string[];
  readonly connector?: Connector;
}

/** An administrator named this host as the platform's address: it may be a private one. */
function egressFor(url: string, deny: readonly string[]): Egress {
  const host = URL.parse(url)?.hostname ?? '';
  return createEgress({ policy: { allow: host === '' ? [] : [host], deny: [...METADATA, ...deny] } });
}

/** Sends one attempt of a publication, when the server says so, and tells what became of it as the output. */
export function createPublishExecutor(options: PublishOptions): Executor {
  return { kind: 'publish', isolations: ['process'], run: (context) => runPublish(options, context) };
}

/** A worker that is shutting down hands back what failed, and its output is lost: what is known of a call is told as complete then. */
function outcomeOf(report: SendReport, signal: AbortSignal): Outcome {
  const output = JSON.stringify(report);
  const isHandedBack = findStop(signal)?.reason === 'released';
  if (report.outcome === 'success' || report.outcome === 'accepted' || isHandedBack) return { op: 'complete', output };
  return { op: 'fail', output, error: report.error ?? `The publication ended as ${report.outcome}.`, retryable: false };
}

async function runPublish(options: PublishOptions, context: JobContext): Promise<Outcome> {
  const { job, signal } = context;
  const payload = PublishPayload.safeParse(job.payload);
  if (!payload.success) return permanentFailure(describePayloadProblem('publish', payload.error));
  if (findStop(signal) !== null) return { op: 'fail', error: 'It was stopped before anything was sent.', retryable: true };
  const answer = await begin(options.client, context);
  if (answer === null) {
    const error = 'The server could not be asked whether to send it; nothing was sent.';
    return outcomeOf(SendReport.parse({ outcome: 'transient', error }), signal);
  }
  if (answer.decision === 'over') return permanentFailure('The publication was taken back before it was sent.');
  if (answer.decision === 'unconfirmed') {
    const error = 'The worker that was sending it was lost; nobody knows whether it was published.';
    return outcomeOf(SendReport.parse({ outcome: 'unconfirmed', error }), signal);
  }
  context.write('log', `sending attempt ${payload.data.attempt}\n`);
  // Not ended by a stop: what is on its way is on its way, and its answer is worth waiting for.
  const report = await (options.connector ?? webhookConnector).send(
    answer,
    egressFor(answer.url, options.deny),
    AbortSignal.timeout(answer.timeout_ms + 1000),
  );
  context.write('log', `${report.outcome}${report.error === null ? '' : `: ${report.error}`}\n`);
  return outcomeOf(report, signal);
}

/** The server's word; null when it gave none: then nothing is sent. */
async function begin(client: Client, { job }: JobContext) {
  try {
    const input = { job_id: job.job_id, lease_epoch: job.lease_epoch };
    return await client.publishing.publications.beginSend.mutate(input, { signal: AbortSignal.timeout(BEGIN_LIMIT_MS) });
  } catch (error) {
    return isAppError(error, 'LEASE_STALE') ? ({ decision: 'over' } as const) : null;
  }
}
