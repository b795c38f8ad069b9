import * as z from 'zod';
import { text } from '../contract.ts';

export const MAX_STEPS = 50;
const MAX_ASSERTIONS = 50;
const MAX_ACTIONS = 100;
const MAX_URL_CHARS = 2048;

/** What stands in `{{…}}` and where a capture goes. */
const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name made of A-Z, a-z, 0-9 and "_", such as token');

function urlProblem(value: string): string | null {
  // A captured value may be any part of an address; the agent checks what it becomes.
  const sample = value.startsWith('{{') ? value.replace(/^\{\{[^{}]*\}\}/, 'http://x') : value;
  const filled = sample.replaceAll(/\{\{[^{}]*\}\}/g, '1');
  if (!URL.canParse(filled)) return 'must be a complete address such as https://example.com/login';
  const url = new URL(filled);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  return url.username === '' && url.password === '' ? null : 'must not carry a user name or password; send them in a header';
}

function checkedUrl(pattern: z.ZodString): z.ZodString {
  return pattern.superRefine((value, context) => {
    const problem = urlProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
}

/** An http or https address without credentials. */
export const HttpUrl = checkedUrl(text(MAX_URL_CHARS, 1).regex(/^[^{}]*$/, 'must not contain "{" or "}"'));
/** The same, in which `{{name}}` stands for a captured value. */
const StepUrl = checkedUrl(text(MAX_URL_CHARS, 1));

const AssertionOp = z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'contains', 'not_contains', 'matches', 'exists']);
export type AssertionOp = z.infer<typeof AssertionOp>;
const NUMERIC = new Set<AssertionOp>(['lt', 'lte', 'gt', 'gte']);
const TEXTUAL = new Set<AssertionOp>(['contains', 'not_contains', 'matches']);

function isPattern(value: string): boolean {
  try {
    return new RegExp(value).source !== '';
  } catch {
    return false;
  }
}

const AssertionFields = z.strictObject({
  source: z.enum(['status', 'header', 'body', 'json', 'latency_ms', 'tls_days_left', 'record']),
  path: text(500, 1).optional().describe('Name of the header, or a path such as $.user.id for `json`.'),
  op: AssertionOp,
  value: z.union([text(2000), z.number(), z.boolean(), z.null()]).optional(),
});

/** What must hold of an answer; `exists` takes no value, every other comparison does. */
export const Assertion = AssertionFields.superRefine((assertion, context) => {
  const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  const { source, op, value } = assertion;
  if ((source === 'json' || source === 'header') && assertion.path === undefined) refuse('path', `is needed for the source ${source}`);
  if (op !== 'exists' && value === undefined) refuse('value', `is needed for ${op}`);
  if (NUMERIC.has(op) && typeof value !== 'number' && !(typeof value === 'string' && value.includes('{{')))
    refuse('value', `must be a number for ${op}`);
  if (TEXTUAL.has(op) && typeof value !== 'string') refuse('value', `must be text for ${op}`);
  if (op === 'matches' && typeof value === 'string' && (value.length > 500 || !isPattern(value))) {
    refuse('value', 'must be a regular expression of at most 500 characters');
  }
});
export type Assertion = z.infer<typeof Assertion>;

const Capture = z.strictObject({
  name: VariableName,
  source: z.enum(['status', 'header', 'body', 'json']),
  path: text(500, 1).optional(),
});
const Captures = z.array(Capture).max(20);
const StepName = text(128, 1);
const Host = text(253, 1).regex(/^[^\s/@:]+$|^\[?[0-9A-Fa-f:.]+\]?$/, 'must be a host name or an address');

/** Headers of a request, by name. */
export const Headers = z.record(
  text(128, 1).regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a header name'),
  text(4096).regex(/^[^\r\n]*$/, 'must be one line'),
);

const HttpStep = z.strictObject({
  type: z.literal('http'),
  name: StepName.optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  url: StepUrl,
  headers: Headers.default({}),
  body: z
    .union([text(65_536), z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe('Text, or JSON which is sent as such.'),
  follow_redirects: z.boolean().optional(),
  assert: z.array(Assertion).max(MAX_ASSERTIONS).default([]).describe('Without an assertion on the status, 2xx and 3xx pass.'),
  capture: Captures.default([]),
});

const Selector = text(500, 1);
const BrowserAction = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('goto'), url: StepUrl }),
  z.strictObject({ do: z.literal('click'), selector: Selector }),
  z.strictObject({ do: z.literal('fill'), selector: Selector, value: text(4096) }),
  z.strictObject({ do: z.literal('expect_text'), text: text(2000, 1), selector: Selector.optional() }),
  z.strictObject({ do: z.literal('expect_url'), contains: text(MAX_URL_CHARS, 1) }),
  z.strictObject({ do: z.literal('screenshot') }),
]);
export type BrowserAction = z.infer<typeof BrowserAction>;

const BrowserStep = z.strictObject({
  type: z.literal('browser'),
  name: StepName.optional(),
  actions: z.array(BrowserAction).min(1).max(MAX_ACTIONS),
});
const TcpStep = z.strictObject({
  type: z.literal('tcp'),
  name: StepName.optional(),
  host: Host,
  port: z.int().min(1).max(65_535),
  assert: z.array(Assertion).max(MAX_ASSERTIONS).default([]),
});
/** Passes when the host answers at all, even with a refusal: it is there. */
const PingStep = z.strictObject({
  type: z.literal('ping'),
  name: StepName.optional(),
  host: Host,
  port: z.int().min(1).max(65_535).default(443),
  assert: z.array(Assertion).max(MAX_ASSERTIONS).default([]),
});
const DnsStep = z.strictObject({
  type: z.literal('dns'),
  name: StepName.optional(),
  host: Host,
  server: text(64, 1)
    .optional()
    .describe("Address of the name server to ask, with or without a port; default those of the agent's machine."),
  record: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SRV', 'CAA', 'SOA']).default('A'),
  assert: z.array(Assertion).max(MAX_ASSERTIONS).default([]),
});

/** One step of a monitor; the steps of a run share captured values. */
export const Step = z.discriminatedUnion('type', [HttpStep, BrowserStep, TcpStep, PingStep, DnsStep]);
export type Step = z.infer<typeof Step>;
export const Steps = z.array(Step).max(MAX_STEPS, `must have at most ${MAX_STEPS} steps`);

/** Payload of a workload of kind `monitor`: what an agent needs to run a monitor once. */
export const MonitorPayload = z.object({
  test_id: z.string(),
  run_id: z.string(),
  name: z.string(),
  url: z.string().nullable(),
  steps: z.array(Step),
  timeout_ms: z.int().describe('Limit of one try.'),
  retries: z.int().describe('Further tries inside this run after a failed one.'),
  triggered_by: z.string(),
  egress: z
    .object({ allow: z.array(z.string()).default([]), allow_loopback: z.boolean().default(false) })
    .optional()
    .describe('Targets beside the public ones that an administrator allows.'),
});
export type MonitorPayload = z.infer<typeof MonitorPayload>;

export const STEP_EVENT_TYPES = ['run_start', 'plan_start', 'plan_complete', 'step_start', 'step_complete', 'run_complete', 'log'] as const;
export const StepEventType = z.enum(STEP_EVENT_TYPES);
export type StepEventType = z.infer<typeof StepEventType>;

/** A line an agent sends while it runs a monitor, as JSON in the `log` stream of its output. */
export const StepEvent = z.looseObject({
  type: StepEventType,
  message: z.string().max(4096).default(''),
  step_number: z.int().min(0).optional(),
  passed: z.boolean().optional(),
});
export type StepEvent = z.infer<typeof StepEvent>;

const Milliseconds = z.number().min(0).max(31_622_400_000).transform(Math.round);

/** Output of a completed workload of kind `monitor`, as JSON. */
export const MonitorResult = z
  .looseObject({
    passed: z.boolean(),
    duration_ms: Milliseconds,
    steps_passed: z.int().min(0),
    steps_total: z.int().min(0),
    details: z.string().max(16_384).default(''),
    error: z.string().max(16_384).nullish(),
    step_results: z
      .array(z.looseObject({ step_number: z.int(), passed: z.boolean() }))
      .max(1000)
      .default([]),
    attempts: z.int().min(1).optional().describe('Tries inside the run; more than one and passed means flaky.'),
    artifacts: z.array(z.looseObject({})).max(100).optional(),
  })
  .refine((result) => result.steps_passed <= result.steps_total, { error: 'must not be more than steps_total', path: ['steps_passed'] });
export type MonitorResult = z.infer<typeof MonitorResult>;
