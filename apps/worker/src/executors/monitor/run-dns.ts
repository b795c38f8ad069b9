import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Step } from '@tidemark/core/steps/contract';
import { checkAssertions } from './check-assertions.ts';
import { type StepOutcome, StepFailure, type Surroundings } from './step-outcome.ts';

export type DnsStep = Extract<Step, { type: 'dns' }>;

const TRY_MS = 2000;
const TRIES = 3;
const MAX_RECORDS = 200;

const WORDS: Record<string, string> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'no record of this kind',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused',
  ETIMEOUT: 'the name server did not answer',
  ECONNREFUSED: 'the name server could not be reached',
  EBADNAME: 'not a name',
};

/** Host and port of a name server. @throws StepFailure when it is no address, EgressError when it may not be reached. */
function parseServer(text: string, { egress }: Surroundings): string {
  const [, inner, port = '53'] = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+)(?::(\d+))?$/.exec(text) ?? [undefined, text];
  if (inner === undefined || isIP(inner) === 0) throw new StepFailure(`the name server ${text} is not an address`);
  egress.checkAddress(inner);
  return isIP(inner) === 6 ? `[${inner}]:${port}` : `${inner}:${port}`;
}

function showRecord(record: unknown): string {
  if (typeof record === 'string') return record;
  if (Array.isArray(record)) return record.map(String).join('');
  if (typeof record !== 'object' || record === null) return String(record);
  const fields: Record<string, unknown> = { ...record };
  // The order in which the record is written in a zone.
  const known = [
    'priority',
    'weight',
    'port',
    'exchange',
    'name',
    'nsname',
    'hostmaster',
    'serial',
    'refresh',
    'retry',
    'expire',
    'minttl',
  ];
  const values = known.filter((name) => fields[name] !== undefined).map((name) => String(fields[name]));
  return values.length > 0 ? values.join(' ') : JSON.stringify(record);
}

async function lookUp(step: DnsStep, resolver: Resolver): Promise<string[]> {
  try {
    const answer: unknown = await resolver.resolve(step.host, step.record);
    const records = Array.isArray(answer) ? answer : [answer];
    return records.slice(0, MAX_RECORDS).map(showRecord).sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new StepFailure(`${step.record} of ${step.host}: ${WORDS[code] ?? code}`, { cause: error });
  }
}

/** Passes when there is at least one record and the assertions hold. The body is the records, one per line, in order. */
export async function runDns(step: DnsStep, around: Surroundings): Promise<StepOutcome> {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  if (step.server !== undefined) resolver.setServers([parseServer(step.server, around)]);
  const started = performance.now();
  const limit_ms = around.left_ms;
  let isLate = false;
  const cancel = (): void => resolver.cancel();
  const timer = setTimeout(() => {
    isLate = true;
    cancel();
  }, limit_ms);
  around.signal.addEventListener('abort', cancel, { once: true });
  try {
    const records = await lookUp(step, resolver);
    const latency_ms = Math.round(performance.now() - started);
    const observed = { latency_ms, records, body: records.join('\n') };
    const phases = { dns_ms: latency_ms, connect_ms: 0, tls_ms: 0, ttfb_ms: 0, download_ms: 0 };
    return { ...(await checkAssertions(step.assert, observed, around.variables)), phases };
  } catch (error) {
    throw isLate ? new StepFailure(`${step.record} of ${step.host}: no answer within ${limit_ms} ms`) : error;
  } finally {
    clearTimeout(timer);
    around.signal.removeEventListener('abort', cancel);
  }
}
