import { parse } from 'yaml';
import { invalid } from '../errors.ts';
import { candidatesOf, isRecord, recordsOf, textOf, type Candidate } from './candidate.ts';

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
  if (/^(?:any|len|has)\(/.test(text)) return null;
  const pattern = /^pat\((.*)\)$/.exec(text);
  if (path !== '') return pattern === null ? { source: 'json', path: `$${path}`, op, value: valueOf(text) } : null;
  if (pattern === null) return { source: 'body', op, value: String(valueOf(text)) };
  const inner = (pattern[1] ?? '').replaceAll(/^\*|\*$/g, '');
  return inner.includes('*') ? null : { source: 'body', op: op === 'ne' ? 'not_contains' : 'contains', value: inner };
}

/** A code, `any(200, 429)`, or `pat(2*)`. */
function statusAssertion(op: string, text: string): object | null {
  const any = /^any\(([\d,\s]+)\)$/.exec(text)?.[1];
  const pattern = /^pat\(([\d*]+)\)$/.exec(text)?.[1];
  if (any === undefined && pattern === undefined) return text.includes('(') ? null : { source: 'status', op, value: valueOf(text) };
  if (op !== 'eq') return null;
  const codes =
    any === undefined
      ? (pattern ?? '').replaceAll('*', '\\d*')
      : any
          .split(',')
          .map((code) => code.trim())
          .join('|');
  return { source: 'status', op: 'matches', value: `^(?:${codes})$` };
}

function assertionOf(condition: string): object | string {
  const match = /^\[([A-Z_]+)\](\S*)\s*(==|!=|<=|>=|<|>)\s*(.+)$/.exec(condition.trim());
  const [, placeholder, path = '', sign = '', text = ''] = match ?? [];
  const op = OPERATORS[sign];
  if (op === undefined || placeholder === undefined) return condition;
  switch (placeholder) {
    case 'STATUS':
      return statusAssertion(op, text) ?? condition;
    case 'RESPONSE_TIME':
      return { source: 'latency_ms', op, value: valueOf(text) };
    case 'BODY':
      return bodyAssertion({ path, op, text }) ?? condition;
    case 'CERTIFICATE_EXPIRATION': {
      const ms = durationMs(text);
      return ms === null ? condition : { source: 'tls_days_left', op, value: ms / 86_400_000 };
    }
    case 'CONNECTED':
      return text === 'true' ? {} : condition;
    case 'DNS_RCODE':
      // A name server that answers anything else fails the step.
      return op === 'eq' && text === 'NOERROR' ? {} : condition;
    default:
      return condition;
  }
}

function stepOf(endpoint: Record<string, unknown>, url: string): object | string {
  const conditions = Array.isArray(endpoint['conditions']) ? endpoint['conditions'].filter((entry) => typeof entry === 'string') : [];
  const read = conditions.map(assertionOf);
  const unknown = read.filter((entry) => typeof entry === 'string');
  if (unknown.length > 0) return `conditions without a counterpart: ${unknown.join('; ')}`;
  const assertions = read.filter((entry): entry is object => typeof entry === 'object' && Object.keys(entry).length > 0);
  const dns = endpoint['dns'];
  if (isRecord(dns)) {
    const records = assertions.map((assertion) => ({ ...assertion, source: 'record', op: 'contains' }));
    return {
      type: 'dns',
      host: String(dns['query-name']).replace(/\.$/, ''),
      record: dns['query-type'] ?? 'A',
      server: url,
      assert: records,
    };
  }
  const [, scheme = ''] = /^(tcp|icmp):\/\//.exec(url) ?? [];
  if (scheme !== '') {
    const target = URL.parse(url.replace(scheme, 'http'));
    if (target === null || (scheme === 'tcp' && target.port === '')) return 'its url is not host:port';
    const { hostname: host, port } = target;
    return scheme === 'icmp' ? { type: 'ping', host, assert: assertions } : { type: 'tcp', host, port: Number(port), assert: assertions };
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

/** When to tell whom is said per alert there; the strictest of them counts. */
function alertOf(endpoint: Record<string, unknown>): object {
  const alerts = recordsOf(endpoint['alerts']).filter((alert) => alert['enabled'] !== false);
  if (alerts.length === 0) return {};
  const least = (name: string, otherwise: number): number =>
    Math.min(10, ...alerts.map((alert) => Math.max(1, Number(alert[name] ?? otherwise) || otherwise)));
  return { alert: { confirm_failures: least('failure-threshold', 3), recover_passes: least('success-threshold', 2) } };
}

function candidateOf(endpoint: Record<string, unknown>): Candidate {
  const own = textOf(endpoint['name']) ?? 'endpoint';
  const group = textOf(endpoint['group']);
  const name = group === null ? own : `${group} / ${own}`;
  const url = textOf(endpoint['url']);
  if (url === null) return { name, reason: 'it has no url' };
  const client = isRecord(endpoint['client']) ? endpoint['client'] : {};
  if (client['insecure'] === true) return { name, reason: 'it ignores TLS errors; certificates are always checked here' };
  const timeout = durationMs(client['timeout']);
  const step = stepOf(endpoint, url);
  if (typeof step === 'string') return { name, reason: step };
  const interval = durationMs(endpoint['interval']) ?? 60_000;
  const monitor = {
    name,
    url: isRecord(endpoint['dns']) ? `http://${String(endpoint['dns']['query-name'])}` : url.replace(/^(?:tcp|icmp):/, 'http:'),
    steps: [step],
    interval_seconds: Math.max(5, Math.round(interval / 1000)),
    ...(timeout === null ? {} : { timeout_ms: Math.max(100, timeout) }),
    ...alertOf(endpoint),
    tags: group === null ? [] : [group.replaceAll(/[,\s]+/g, '-')],
    status: endpoint['enabled'] === false ? 'paused' : 'active',
  };
  return { name, monitor };
}

/** The endpoints of a Gatus configuration. @throws {AppError} VALIDATION when the text is none */
export function readGatus(content: string): Candidate[] {
  let config: unknown;
  try {
    // Shared settings are merged with `<<` there.
    config = parse(content, { maxAliasCount: 500, merge: true });
  } catch {
    throw invalid('content', 'is not YAML');
  }
  if (!isRecord(config) || !Array.isArray(config['endpoints']))
    throw invalid('content', 'has no endpoints; is it a configuration of Gatus?');
  return candidatesOf(config['endpoints'], candidateOf);
}
