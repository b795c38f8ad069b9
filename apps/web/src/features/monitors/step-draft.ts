import type { Monitor } from '@tidemark/core/monitors/contract';
import type { CurlRequest } from './curl/read-curl.ts';

export type Step = Monitor['steps'][number];
type HttpStep = Extract<Step, { type: 'http' }>;
type Assertion = HttpStep['assert'][number];
type Action = Extract<Step, { type: 'browser' }>['actions'][number];

/** An assertion as it is typed. */
export interface AssertDraft {
  source: string;
  path: string;
  op: string;
  value: string;
}

export interface ActionDraft {
  do: Action['do'];
  /** Address, selector or text, whichever the action is about. */
  target: string;
  /** What is filled in, or where a text is looked for. */
  value: string;
}

/** A step as the editor holds it: text as typed, of all types at once, so that changing the type loses nothing. */
export interface StepDraft {
  type: Step['type'];
  name: string;
  method: string;
  url: string;
  headers: string;
  body: string;
  follow_redirects: boolean | undefined;
  assert: AssertDraft[];
  capture: HttpStep['capture'];
  actions: ActionDraft[];
  host: string;
  port: string;
  record: string;
  server: string;
}

export const ACTIONS = {
  goto: { label: 'Go to', target: 'Address', value: null },
  click: { label: 'Click', target: 'Selector', value: null },
  fill: { label: 'Fill in', target: 'Selector', value: 'Text' },
  expect_text: { label: 'Expect text', target: 'Text', value: 'In (selector, optional)' },
  expect_url: { label: 'Expect address', target: 'Contains', value: null },
  screenshot: { label: 'Take a picture', target: null, value: null },
} as const satisfies Record<Action['do'], { label: string; target: string | null; value: string | null }>;

export function emptyStep(type: Step['type'], url: string): StepDraft {
  return {
    type,
    name: '',
    method: 'GET',
    url,
    headers: '',
    body: '',
    follow_redirects: undefined,
    assert: type === 'http' ? [{ source: 'status', path: '', op: 'eq', value: '200' }] : [],
    capture: [],
    actions: type === 'browser' ? [{ do: 'goto', target: url, value: '' }] : [],
    host: '',
    port: type === 'ping' ? '443' : '',
    record: 'A',
    server: '',
  };
}

/** What a curl command says of a step; what is checked and kept of the answer stays. */
export function fromCurl({ method, url, headers, body, follow_redirects }: CurlRequest): Partial<StepDraft> {
  return { type: 'http', method, url, headers, body, follow_redirects: follow_redirects ? undefined : false };
}

/** A value as it is typed: text that would be read as something else stands in quotes. */
function valueText(value: Assertion['value']): string {
  if (value === undefined) return '';
  return typeof value === 'string' && typeof readValue(value) === 'string' && !value.startsWith('"') ? value : JSON.stringify(value);
}

/** `200` is a number, `true` a boolean, `"200"` and `yes` are texts. */
function readValue(text: string): string | number | boolean | null {
  if (/^(?:-?\d+(?:\.\d+)?|true|false|null|".*")$/.test(text)) {
    try {
      return JSON.parse(text) as string | number | boolean | null;
    } catch {
      return text;
    }
  }
  return text;
}

const TEXTUAL = new Set(['contains', 'not_contains', 'matches']);

function toAssertion({ source, path, op, value }: AssertDraft): Record<string, unknown> {
  const typed = TEXTUAL.has(op) ? value : readValue(value);
  return {
    source,
    op,
    ...(path.trim() === '' ? {} : { path: path.trim() }),
    ...(value === '' && op === 'exists' ? {} : { value: typed }),
  };
}

function fromAssertion(assertion: Assertion): AssertDraft {
  const { source, path = '', op, value } = assertion;
  return { source, path, op, value: TEXTUAL.has(op) && typeof value === 'string' ? value : valueText(value) };
}

function toAction({ do: act, target, value }: ActionDraft): Record<string, unknown> {
  switch (act) {
    case 'goto':
      return { do: act, url: target };
    case 'click':
      return { do: act, selector: target };
    case 'fill':
      return { do: act, selector: target, value };
    case 'expect_text':
      return { do: act, text: target, ...(value === '' ? {} : { selector: value }) };
    case 'expect_url':
      return { do: act, contains: target };
    case 'screenshot':
      return { do: act };
  }
}

function fromAction(action: Action): ActionDraft {
  switch (action.do) {
    case 'goto':
      return { do: action.do, target: action.url, value: '' };
    case 'click':
      return { do: action.do, target: action.selector, value: '' };
    case 'fill':
      return { do: action.do, target: action.selector, value: action.value };
    case 'expect_text':
      return { do: action.do, target: action.text, value: action.selector ?? '' };
    case 'expect_url':
      return { do: action.do, target: action.contains, value: '' };
    case 'screenshot':
      return { do: action.do, target: '', value: '' };
  }
}

export function fromStep(step: Step): StepDraft {
  const empty = { ...emptyStep(step.type, ''), assert: [], actions: [], name: step.name ?? '' };
  if (step.type === 'browser') return { ...empty, actions: step.actions.map(fromAction) };
  const assert = step.assert.map(fromAssertion);
  if (step.type === 'http') {
    const { method, url, body, follow_redirects, capture } = step;
    const headers = Object.entries(step.headers).map(([name, value]) => `${name}: ${value}`);
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body, null, 2);
    return { ...empty, method, url, headers: headers.join('\n'), body: text, follow_redirects, assert, capture };
  }
  if (step.type === 'dns') return { ...empty, host: step.host, record: step.record, server: step.server ?? '', assert };
  return { ...empty, host: step.host, port: String(step.port), assert };
}

function toHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return at === -1 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** JSON is sent as JSON, anything else as text. */
function toBody(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : text;
  } catch {
    return text;
  }
}

/** The step as the server takes it; what does not fit is for the contract to say. */
export function toStep(draft: StepDraft): Record<string, unknown> {
  const named = { type: draft.type, ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }) };
  if (draft.type === 'browser') return { ...named, actions: draft.actions.map(toAction) };
  const assert = draft.assert.map(toAssertion);
  if (draft.type === 'http') {
    return {
      ...named,
      method: draft.method,
      url: draft.url.trim(),
      headers: toHeaders(draft.headers),
      ...(draft.body.trim() === '' ? {} : { body: toBody(draft.body) }),
      ...(draft.follow_redirects === undefined ? {} : { follow_redirects: draft.follow_redirects }),
      assert,
      capture: draft.capture.map(({ path, ...capture }) => ({ ...capture, ...(path === undefined || path === '' ? {} : { path }) })),
    };
  }
  const host = draft.host.trim();
  if (draft.type === 'dns')
    return { ...named, host, record: draft.record, ...(draft.server === '' ? {} : { server: draft.server }), assert };
  return { ...named, host, port: Number(draft.port), assert };
}
