import { invalid } from '../errors.ts';
import { isRecord, plainOf, recordsOf, textOf, type Candidate } from './candidate.ts';

const MIN_INTERVAL_SECONDS = 5;

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw invalid('content', 'is not JSON; export a backup in Uptime Kuma');
  }
}

/** "200-299" and "301" as an assertion; several of them as a pattern. */
function statusAssertions(codes: unknown): object[] {
  const accepted = Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
  const [only] = accepted;
  const range = accepted.length === 1 && only !== undefined ? /^(\d{3})(?:-(\d{3}))?$/.exec(only) : null;
  if (range === null) return [];
  const [, low, high = low] = range;
  return [
    { source: 'status', op: 'gte', value: Number(low) },
    { source: 'status', op: 'lte', value: Number(high) },
  ];
}

function headersOf(text: unknown): Record<string, string> {
  try {
    const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {};
    return isRecord(parsed) ? Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)])) : {};
  } catch {
    return {};
  }
}

function httpStep(monitor: Record<string, unknown>, extra: readonly object[]): object {
  const body = textOf(monitor['body']);
  return {
    type: 'http',
    method: textOf(monitor['method']) ?? 'GET',
    url: monitor['url'],
    headers: headersOf(monitor['headers']),
    ...(body === null ? {} : { body }),
    assert: [...statusAssertions(monitor['accepted_statuscodes']), ...extra],
  };
}

function stepsOf(monitor: Record<string, unknown>): object[] | string {
  const keyword = textOf(monitor['keyword']);
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
          { source: 'json', path: `$.${plainOf(monitor['jsonPath'])}`, op: 'eq', value: plainOf(monitor['expectedValue']) },
        ]),
      ];
    case 'port':
      return [{ type: 'tcp', host: monitor['hostname'], port: monitor['port'] }];
    case 'dns':
      return [{ type: 'dns', host: monitor['hostname'], record: monitor['dns_resolve_type'] ?? 'A' }];
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
  const name = textOf(monitor['name']) ?? `monitor ${String(monitor['id'])}`;
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
  const isWeb = monitor['type'] !== 'port' && monitor['type'] !== 'dns';
  const seconds = Number(monitor['timeout'] ?? 0);
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
  return recordsOf(list).map(candidateOf);
}
