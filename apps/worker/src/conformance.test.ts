import { fileURLToPath } from 'node:url';
import { describeConformance } from './testing/conformance.ts';

const AGENT = fileURLToPath(new URL('./main.ts', import.meta.url));

describeConformance({
  name: 'tidemark worker',
  command: ({ url, name, labels, state, grace_seconds }) => ({
    program: process.execPath,
    args: [AGENT, '--url', url, '--name', name, '--labels', labels, '--state-dir', state, '--grace', String(grace_seconds)],
  }),
});
