import type { WorkloadDetail } from './summary.ts';

type Wish = Pick<
  WorkloadDetail,
  'kind' | 'isolation' | 'queue' | 'priority' | 'payload' | 'labels' | 'required_labels' | 'max_attempts' | 'timeout_ms'
>;

/** One word for a POSIX shell, whatever is in it. */
function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The request that made a workload like this one, with defaults left out. */
function toRequest(workload: Wish): Record<string, unknown> {
  const request: Record<string, unknown> = { kind: workload.kind, isolation: workload.isolation, payload: workload.payload };
  if (workload.queue !== 'default') request['queue'] = workload.queue;
  if (workload.priority !== 0) request['priority'] = workload.priority;
  if (Object.keys(workload.labels).length > 0) request['labels'] = workload.labels;
  if (Object.keys(workload.required_labels).length > 0) request['required_labels'] = workload.required_labels;
  if (workload.max_attempts !== 1) request['max_attempts'] = workload.max_attempts;
  if (workload.timeout_ms !== null && workload.timeout_ms !== 3_600_000) request['timeout_ms'] = workload.timeout_ms;
  return request;
}

export function asCurl(workload: Wish, origin: string): string {
  return `curl -sS ${quoteWord(`${origin}/v1/workloads`)} -H 'content-type: application/json' -d ${quoteWord(JSON.stringify(toRequest(workload)))}`;
}

export function asCli(workload: Wish): string {
  const words = [
    'tidemark',
    'workload',
    'submit',
    '--kind',
    workload.kind,
    '--isolation',
    workload.isolation,
    '--payload',
    JSON.stringify(workload.payload),
  ];
  if (workload.queue !== 'default') words.push('--queue', workload.queue);
  if (workload.priority !== 0) words.push('--priority', String(workload.priority));
  for (const [name, value] of Object.entries(workload.labels)) words.push('--label', `${name}=${value}`);
  for (const [name, value] of Object.entries(workload.required_labels)) words.push('--require-label', `${name}=${value}`);
  if (workload.max_attempts !== 1) words.push('--max-attempts', String(workload.max_attempts));
  if (workload.timeout_ms !== null && workload.timeout_ms !== 3_600_000) words.push('--timeout', `${workload.timeout_ms}ms`);
  return words.map(quoteWord).join(' ');
}

/** A program of its own that submits it again with the typed client. */
export function asSdk(workload: Wish, origin: string): string {
  return [
    "import { createClient } from '@tidemark/api/client';",
    '',
    `const client = createClient({ url: ${JSON.stringify(origin)} });`,
    `const workload = await client.workloads.create.mutate(${JSON.stringify(toRequest(workload), null, 2)});`,
    'console.log(workload.id);',
    '',
  ].join('\n');
}
