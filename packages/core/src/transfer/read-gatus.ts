import { parse } from 'yaml';
import { invalid } from '../errors.ts';
import { isRecord, recordsOf, textOf, type Candidate } from './candidate.ts';

const OPERATORS: Readonly<Record<string, string>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };

/** "1m30s" and the like in milliseconds, as Go writes durations. */
function durationMs(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return null;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}

function valueOf(text: string): string | number {
  const bare = text.replaceAll(/^"|"$/g, '');
  return /^-?\d+(?:\.\d+)?$/.test(bare) ? Number(bare) : bare;
}

/** A condition on the body, whole or by path; null for patterns that are more than "contains". */
function bodyAssertion({ path, op, text }: { path: string; op: string; text: string }): object | null {
  const pattern = /^pat\((.*)\)$/.exec(text);
  if (path !== '') return pattern === null ? { source: 'json', path: `$${path}`, op, value: valueOf(text) } : null;
  if (pattern === null) return { source: 'body', op, value: String(valueOf(text)) };
  const inner = (pattern[1] ?? '').replaceAll(/^\*|\*$/g, '');
  return inner.includes('*') ? null : { source: 'body', op: op === 'ne' ? 'not_contains' : 'contains', value: inner };
}

function assertionOf(condition: string): object | string {
  const match = /^\[([A-Z_]+)\](\S*)\s*(==|!=|<=|>=|<|>)\s*(.+)$/.exec(condition.trim());
  const [, placeholder, path = '', sign = '', text = ''] = match ?? [];
  const op = OPERATORS[sign];
  if (op === undefined || placeholder === undefined) return condition;
  const isPattern = text.startsWith('pat(');
  switch (placeholder) {
    case 'STATUS':
      return isPattern ? condition : { source: 'status', op, value: valueOf(text) };
    case 'RESPONSE_TIME':
      return { source: 'latency_ms', op, value: valueOf(text) };
    case 'BODY':
      return bodyAssertion({ path, op, text }) ?? condition;
    case 'CERTIFICATE_EXPIRATION': {
      const ms = durationMs(text);
      return ms === null ? condition : { source: 'tls_days_left', op, value: ms / 86_400_000 };
    }
    case 'CONNECTED':
      return {};
    default:
      return condition;
  }
}

function stepOf(endpoint: Record<string, unknown>, url: string): object | string {
  const conditions = Array.isArray(endpoint['conditions']) ? endpoint['conditions'].filter((entry) => typeof entry === 'string') : [];
  const read = conditions.map(assertionOf);
  const unknown = read.filter((entry) => typeof entry === 'string');
  if (unknown.length > 0) return `conditions without a counterpart: ${unknown.join('; ')}`;
  const assertions = read.filter((entry) => typeof entry === 'object' && Object.keys(entry).length > 0);
  if (url.startsWith('tcp://')) {
    const target = URL.parse(url.replace('tcp://', 'http://'));
    return target === null
      ? 'its url is not host:port'
      : { type: 'tcp', host: target.hostname, port: Number(target.port), assert: assertions };
  }
  if (!/^https?:/.test(url)) return `urls of ${url.split(':')[0] ?? ''} have no counterpart here`;
  const headers = isRecord(endpoint['headers'])
    ? Object.fromEntries(Object.entries(endpoint['headers']).map(([name, value]) => [name, String(value)]))
    : {};
  const body = textOf(endpoint['body']);
  return {
    type: 'http',
    method: textOf(endpoint['method']) ?? 'GET',
    url,
    headers,
    ...(body === null ? {} : { body }),
    assert: assertions,
  };
}

function candidateOf(endpoint: Record<string, unknown>): Candidate {
  const own = textOf(endpoint['name']) ?? 'endpoint';
  const group = textOf(endpoint['group']);
  const name = group === null ? own : `${group} / ${own}`;
  const url = textOf(endpoint['url']);
  if (url === null) return { name, reason: 'it has no url' };
  const step = stepOf(endpoint, url);
  if (typeof step === 'string') return { name, reason: step };
  const interval = durationMs(endpoint['interval']) ?? 60_000;
  const monitor = {
    name,
    url: url.replace(/^tcp:/, 'http:'),
    steps: [step],
    interval_seconds: Math.max(5, Math.round(interval / 1000)),
    tags: group === null ? [] : [group.replaceAll(/[,\s]+/g, '-')],
    status: endpoint['enabled'] === false ? 'paused' : 'active',
  };
  return { name, monitor };
}

/** The endpoints of a Gatus configuration. @throws {AppError} VALIDATION when the text is none */
export function readGatus(content: string): Candidate[] {
  let config: unknown;
  try {
    config = parse(content, { maxAliasCount: 50 });
  } catch {
    throw invalid('content', 'is not YAML');
  }
  if (!isRecord(config) || !Array.isArray(config['endpoints']))
    throw invalid('content', 'has no endpoints; is it a configuration of Gatus?');
  return recordsOf(config['endpoints']).map(candidateOf);
}
