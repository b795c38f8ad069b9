import { invalid } from '../errors.ts';
import { candidatesOf, isRecord, plainOf, recordsOf, textOf, type Candidate } from './candidate.ts';

const MIN_INTERVAL_SECONDS = 5;

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw invalid('content', 'is not JSON; export a backup in Uptime Kuma');
  }
}

/** A pattern for three-digit codes in a range; whole hundreds in short. */
function codePattern(low: number, high: number): string {
  const parts: string[] = [];
  for (let code = low; code <= high;) {
    const isHundred = code % 100 === 0 && code + 99 <= high;
    parts.push(isHundred ? `${code / 100}\\d\\d` : String(code));
    code += isHundred ? 100 : 1;
  }
  return parts.join('|');
}

/** "200-299" and "301" as an assertion, or as one pattern when there are several. */
function statusAssertions(codes: unknown): object[] {
  const texts = Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
  const ranges = texts.flatMap((text) => {
    const [, low, high = low] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
    return low === undefined ? [] : [{ low: Number(low), high: Number(high) }];
  });
  const [only] = ranges;
  if (only === undefined) return [];
  if (ranges.length === 1) {
    return [
      { source: 'status', op: 'gte', value: only.low },
      { source: 'status', op: 'lte', value: only.high },
    ];
  }
  return [{ source: 'status', op: 'matches', value: `^(?:${ranges.map(({ low, high }) => codePattern(low, high)).join('|')})$` }];
}

function headersOf(text: unknown): Record<string, string> {
  try {
    const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {};
    return isRecord(parsed) ? Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)])) : {};
  } catch {
    return {};
  }
}

const BODY_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'text/xml',
  form: 'application/x-www-form-urlencoded',
};

/** Headers that other fields stand for; those given as such win. */
function impliedHeaders(monitor: Record<string, unknown>): Record<string, string> {
  const user = textOf(monitor['basic_auth_user']);
  const isBasic = user !== null && (monitor['authMethod'] === 'basic' || monitor['authMethod'] === undefined);
  const type = BODY_TYPES[plainOf(monitor['httpBodyEncoding'])];
  return {
    ...(isBasic ? { authorization: `Basic ${Buffer.from(`${user}:${plainOf(monitor['basic_auth_pass'])}`).toString('base64')}` } : {}),
    ...(textOf(monitor['body']) === null || type === undefined ? {} : { 'content-type': type }),
  };
}

function httpStep(monitor: Record<string, unknown>, extra: readonly object[]): object {
  const body = textOf(monitor['body']);
  return {
    type: 'http',
    method: textOf(monitor['method']) ?? 'GET',
    url: monitor['url'],
    headers: { ...impliedHeaders(monitor), ...headersOf(monitor['headers']) },
    ...(monitor['maxredirects'] === 0 ? { follow_redirects: false } : {}),
    ...(body === null ? {} : { body }),
    assert: [...statusAssertions(monitor['accepted_statuscodes']), ...extra],
  };
}

const JSON_OPERATORS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
  contains: 'contains',
};

function numberOrText(text: string): number | string {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

/** What would make another monitor of it. */
function problemOf(monitor: Record<string, unknown>): string | null {
  if (monitor['upsideDown'] === true) return 'it is upside down, up while its target is down';
  return monitor['ignoreTls'] === true ? 'it ignores TLS errors; certificates are always checked here' : null;
}

function stepsOf(monitor: Record<string, unknown>): object[] | string {
  const keyword = textOf(monitor['keyword']);
  const path = plainOf(monitor['jsonPath']);
  const server = textOf(monitor['dns_resolve_server']);
  switch (monitor['type']) {
    case 'http':
      return [httpStep(monitor, [])];
    case 'keyword':
      return [
        httpStep(
          monitor,
          keyword === null ? [] : [{ source: 'body', op: monitor['invertKeyword'] === true ? 'not_contains' : 'contains', value: keyword }],
        ),
      ];
    case 'json-query':
      return [
        httpStep(monitor, [
          {
            source: 'json',
            path: path.startsWith('$') ? path : `$.${path}`,
            op: JSON_OPERATORS[plainOf(monitor['jsonPathOperator'])] ?? 'eq',
            value: numberOrText(plainOf(monitor['expectedValue'])),
          },
        ]),
      ];
    case 'port':
      return [{ type: 'tcp', host: monitor['hostname'], port: monitor['port'] }];
    case 'dns':
      return [
        { type: 'dns', host: monitor['hostname'], record: monitor['dns_resolve_type'] ?? 'A', ...(server === null ? {} : { server }) },
      ];
    case 'ping':
      return [{ type: 'ping', host: monitor['hostname'] }];
    case 'real-browser':
      return [{ type: 'browser', actions: [{ do: 'goto', url: monitor['url'] }] }];
    default:
      return `monitors of the type "${String(monitor['type'])}" have no counterpart here`;
  }
}

function tagsOf(monitor: Record<string, unknown>): string[] {
  return recordsOf(monitor['tags']).flatMap((tag) =>
    textOf(tag['name']) === null
      ? []
      : [
          String(tag['name'])
            .trim()
            .replaceAll(/[,\s]+/g, '-'),
        ],
  );
}

function candidateOf(monitor: Record<string, unknown>): Candidate {
  // In a group, the path tells monitors of one name apart.
  const path = monitor['parent'] === null || monitor['parent'] === undefined ? null : textOf(monitor['pathName']);
  const name = path ?? textOf(monitor['name']) ?? `monitor ${String(monitor['id'])}`;
  const problem = problemOf(monitor);
  if (problem !== null) return { name, reason: problem };
  const interval = Math.max(MIN_INTERVAL_SECONDS, Number(monitor['interval'] ?? 60));
  const shared = {
    name,
    interval_seconds: interval,
    tags: tagsOf(monitor),
    status: monitor['active'] === false || monitor['active'] === 0 ? 'paused' : 'active',
  };
  if (monitor['type'] === 'push') return { name, monitor: { ...shared, type: 'heartbeat' } };
  const steps = stepsOf(monitor);
  if (typeof steps === 'string') return { name, reason: steps };
  const host = textOf(monitor['hostname']);
  const url =
    textOf(monitor['url']) !== null && /^https?:/.test(String(monitor['url'])) && host === null
      ? monitor['url']
      : `http://${host ?? 'unknown'}`;
  const isWeb = !['port', 'dns', 'ping'].includes(plainOf(monitor['type']));
  const seconds = Math.min(600, Number(monitor['timeout'] ?? 0));
  const retries = Math.min(10, Math.max(0, Number(monitor['maxretries'] ?? 0)));
  return {
    name,
    monitor: {
      ...shared,
      url: isWeb ? monitor['url'] : url,
      steps,
      retries,
      ...(seconds > 0 ? { timeout_ms: Math.round(seconds * 1000) } : {}),
    },
  };
}

/** The monitors of a backup of Uptime Kuma. @throws {AppError} VALIDATION when the text is none */
export function readKuma(content: string): Candidate[] {
  const backup = parse(content);
  if (!isRecord(backup)) throw invalid('content', 'is not a backup of Uptime Kuma');
  // Version 1 keeps an array, some exports of version 2 an object by id.
  const list = isRecord(backup['monitorList']) ? Object.values(backup['monitorList']) : backup['monitorList'];
  if (!Array.isArray(list)) throw invalid('content', 'has no monitorList; is it a backup of Uptime Kuma?');
  return candidatesOf(list, candidateOf);
}
