import { createHash } from 'node:crypto';
import type { FailureDomain } from './contract.ts';

const MAX_MESSAGE = 300;

/** What differs between two failures of one cause, in the order in which it is taken out. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>'],
  [/\b[a-z]{2,6}_[0-9A-Za-z]{12,}\b/g, '<id>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/(?<![\w<])(?:[a-z][a-z0-9+.-]*:\/)?\/[\w.@%+~-]+(?:\/[\w.@%+~-]*)+/gi, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];

/** The first line of a failure without what differs from one to the next. */
export function messageOf(text: string): string {
  const [line = ''] = text.trim().split('\n');
  let message = line.slice(0, 2000);
  for (const [pattern, name] of DIFFERENT) message = message.replaceAll(pattern, name);
  return message.slice(0, MAX_MESSAGE);
}

/** Names the group of a failure: the same domain, subject and message are the same group. */
export function fingerprintOf(failure: { domain: FailureDomain; subject: string; message: string }): string {
  const text = JSON.stringify([failure.domain, failure.subject, failure.message]);
  return `fail_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}
