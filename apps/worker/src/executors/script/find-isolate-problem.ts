import type { Containment } from '../../processes/contained-process.ts';
import { RUN_MARK } from '../../processes/process-tree.ts';
import type { HostMessage, HostProof } from './isolate-host.ts';
import { readMessages, startHost } from './start-host.ts';

const DENIED = 'ERR_ACCESS_DENIED';
const PROOF_DEADLINE_MS = 20_000;

// Each line is one way out that scripts have used elsewhere; what it returns must be empty.
const ESCAPES = `
const found = [];
for (const name of ['process', 'require', 'module', 'fetch', 'WebSocket', 'XMLHttpRequest', 'Buffer', 'WebAssembly', 'Worker']) {
  if (typeof globalThis[name] !== 'undefined') found.push(name);
}
for (const value of [console.log, setTimeout, globalThis, input, async () => {}]) {
  const made = value.constructor.constructor('return typeof process + typeof require')();
  if (made !== 'undefinedundefined') found.push('constructor');
}
for (const name of ['node:fs', 'node:net', 'data:text/javascript,0']) {
  await import(name).then(() => found.push('import ' + name), () => undefined);
}
return found;
`;

async function askHost(containment: Containment, request: { source: string; memory_mb: number }, graceMs: number): Promise<HostMessage[]> {
  const host = await startHost(containment, 'prove');
  const deadline = setTimeout(() => void host.stop(0), graceMs);
  try {
    host.stdin.end(JSON.stringify({ ...request, input: '{}' }));
    const messages: HostMessage[] = [];
    for await (const message of readMessages(host)) messages.push(message);
    return messages;
  } finally {
    clearTimeout(deadline);
    await host.stop(0);
  }
}

function findProofProblem(proof: HostProof): string | null {
  const open = [proof.read, proof.write, proof.spawn, proof.thread].filter((answer) => answer !== DENIED);
  if (open.length > 0) return `the script host could reach the system (${open.join(', ')})`;
  const known = proof.environment.filter((name) => name !== RUN_MARK && name !== 'PWD');
  return known.length > 0 ? `the script host knows ${known.join(', ')}` : null;
}

/** Null when scripts are proved to be apart: no system from the host process, no way out of the isolate, and limits that hold. */
export async function findIsolateProblem(containment: Containment): Promise<string | null> {
  try {
    const escapes = await askHost(containment, { source: ESCAPES, memory_mb: 64 }, PROOF_DEADLINE_MS);
    const ready = escapes.find((message) => message.type === 'ready');
    const output = escapes.find((message) => message.type === 'output');
    if (!ready || !output) return 'the script host did not answer';
    const problem = findProofProblem(ready.proof);
    if (problem !== null) return problem;
    if (output.text !== '[]') return `a script reached ${output.text}`;
    const hungry = await askHost(
      containment,
      { source: 'const a = []; for (;;) a.push(new Array(10000).fill(a.length));', memory_mb: 16 },
      PROOF_DEADLINE_MS,
    );
    const ended = hungry.at(-1);
    return ended?.type === 'failed' && ended.reason === 'memory' ? null : 'the memory limit did not hold';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
