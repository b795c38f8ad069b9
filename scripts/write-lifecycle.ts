// Writes docs/lifecycle.md from the table of transitions; `--check` compares instead, and fails when they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKLOAD_STATUSES } from '../packages/core/src/workloads/contract.ts';
import { isFinal, TRANSITIONS, type Transition } from '../packages/core/src/workloads/transitions.ts';
import { root } from './source-files.ts';

const PAGE = join('docs', 'lifecycle.md');

function tableRow({ from, to, by, reasons, note }: Transition): string {
  const detail = reasons.map((reason) => (reason === null ? '–' : `\`${reason}\``)).join(', ');
  return `| ${from} | ${to} | \`${by}\` | ${detail} | ${note} |`;
}

function diagramLine(from: string, to: string): string {
  const triggers = TRANSITIONS.filter((arrow) => arrow.from === from && arrow.to === to).map((arrow) => arrow.by);
  return `  ${from} --> ${to}: ${triggers.join(', ')}`;
}

function render(): string {
  const pairs = [...new Set(TRANSITIONS.map(({ from, to }) => `${from} ${to}`))].map((pair) => pair.split(' '));
  return `# The life of a workload

Written by \`scripts/write-lifecycle.ts\` from \`packages/core/src/workloads/transitions.ts\`; change it there.

\`status\` says where a workload is, \`status_reason\` why. What is not in the table is refused with \`INVALID_TRANSITION\`.
Every arrow is one guarded statement on status and lease epoch that writes its event and its counters in the same transaction.

\`\`\`mermaid
stateDiagram-v2
  [*] --> pending
${pairs.map(([from = '', to = '']) => diagramLine(from, to)).join('\n')}
${WORKLOAD_STATUSES.filter((status) => isFinal(status))
  .map((status) => `  ${status} --> [*]`)
  .join('\n')}
\`\`\`

| from | to | by | \`status_reason\` afterwards | note |
|---|---|---|---|---|
${TRANSITIONS.map((arrow) => tableRow(arrow)).join('\n')}
`;
}

const page = render();
if (!process.argv.includes('--check')) writeFileSync(join(root, PAGE), page);
else if (readFileSync(join(root, PAGE), 'utf8') !== page) {
  console.error(`${PAGE} is not what the table of transitions says: run "pnpm lifecycle".`);
  process.exitCode = 1;
}
