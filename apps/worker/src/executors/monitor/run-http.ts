import type { Assertion, Step } from '@tidemark/core/steps/contract';
import type { EgressResponse } from '@tidemark/egress';
import { checkAssertions, type Observed, readObserved } from './check-assertions.ts';
import { type StepOutcome, StepFailure, type Surroundings } from './step-outcome.ts';

export type HttpStep = Extract<Step, { type: 'http' }>;

/** Used when a step says nothing of the status. */
const OK: readonly Assertion[] = [
  { source: 'status', op: 'gte', value: 200 },
  { source: 'status', op: 'lt', value: 400 },
];

function decode({ body, headers }: EgressResponse): string {
  const charset = /charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

/** JSON goes out as such, with its content type unless the step names one. */
function prepareBody(step: HttpStep, { variables }: Surroundings): { body?: string; headers: Record<string, string> } {
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, variables.fill(value)]));
  variables.hideHeaders(headers);
  if (step.body === undefined) return { headers };
  if (typeof step.body === 'string') return { headers, body: variables.fill(step.body) };
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    headers: hasType ? headers : { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(variables.fillAll(step.body)),
  };
}

function capture(step: HttpStep, observed: Observed, { variables }: Surroundings): string | null {
  for (const { name, source, path } of step.capture) {
    const value = readObserved(observed, source, path);
    if (value === undefined) return `capture ${name}: there is no ${path === undefined ? source : `${source} ${path}`} in the answer`;
    variables.capture(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return null;
}

/** One request with its redirects. @throws EgressError when there is no answer, StepFailure when a name was not captured */
export async function runHttp(step: HttpStep, around: Surroundings): Promise<StepOutcome> {
  const { egress, variables, signal, left_ms } = around;
  const url = variables.fill(step.url);
  const sent = prepareBody(step, around);
  if (sent.body !== undefined && ['GET', 'HEAD'].includes(step.method)) throw new StepFailure(`a ${step.method} request has no body`);
  const redirects = step.follow_redirects === false ? 'return' : 'follow';
  const answer = await egress.request({ url, method: step.method, ...sent, timeout_ms: left_ms, redirects }, signal);
  const observed: Observed = {
    status: answer.status,
    headers: answer.headers,
    body: decode(answer),
    latency_ms: answer.duration_ms,
    tls_days_left: answer.tls_days_left,
  };
  const isStatusAsserted = step.assert.some(({ source }) => source === 'status');
  // Values are taken first: what may be a secret is then masked in the assertions too.
  const missing = capture(step, observed, around);
  const checked = await checkAssertions(step.assert, observed, variables);
  const isOk = isStatusAsserted || (answer.status >= 200 && answer.status < 400);
  const implied = isOk ? { assertions: [], error: null } : await checkAssertions(OK, observed, variables);
  const unexpected = isOk ? null : `status: expected 2xx or 3xx, got ${answer.status}`;
  return {
    error: unexpected ?? checked.error ?? missing,
    assertions: [...implied.assertions, ...checked.assertions],
    phases: answer.phases,
  };
}
