import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command, Options, Result } from './command.ts';
import { Stack } from './command.ts';
import { HandAgent } from './hand-agent.ts';
import { Proxy } from './proxy.ts';

let stack: Stack;
let queueCount = 0;

beforeAll(async () => {
  stack = await Stack.start(['--no-worker']);
});
afterAll(() => stack[Symbol.asyncDispose]());

const ID = /^wl_[A-Za-z0-9]+\n$/;

interface Waiting extends AsyncDisposable {
  command: Command;
  agent: HandAgent;
}

/** A submit that waits, and the agent that holds its job. */
async function submitAndClaim(args: readonly string[], options: Options & { url?: string } = {}): Promise<Waiting> {
  queueCount += 1;
  const queue = `q${queueCount}`;
  const agent = await HandAgent.register(stack.url, queue);
  const command = stack.open(
    ['workload', 'submit', ...(options.url === undefined ? [] : ['--url', options.url]), '--queue', queue, '--wait', ...args],
    options,
  );
  await agent.claim();
  return { command, agent, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() };
}

async function submit(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.run(['workload', 'submit', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(ID);
  return stdout.trim();
}

function json<Shape>(result: Result): Shape {
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(result.stdout) as Shape;
}

test('output is shown while the workload runs, each stream where it belongs', async () => {
  await using waiting = await submitAndClaim(['--', 'echo', 'hello']);
  await waiting.agent.write('one\n');
  await waiting.command.until(({ stdout }) => stdout === 'one\n');
  await waiting.agent.write('careful\n', 'stderr');
  await waiting.command.until(({ stderr }) => stderr === 'careful\n');
  await waiting.agent.write('two\n');
  await waiting.agent.complete({ output: 'one\ncareful\ntwo\n' });
  expect(await waiting.command.result).toEqual({ code: 0, signal: null, stdout: 'one\ntwo\n', stderr: 'careful\n' });
});

test("waiting ends with the workload's own exit code", async () => {
  await using waiting = await submitAndClaim(['--', 'false']);
  await waiting.agent.fail({ exit_code: 7, error: 'it exited with 7' });
  const { code, stderr } = await waiting.command.result;
  expect(code).toBe(7);
  expect(stderr).toMatch(/failed .*with exit code 7: it exited with 7\n$/);
});

test('a death by signal ends with 128 + n, a failure without a code with 1', async () => {
  await using killed = await submitAndClaim(['--', 'sleep', '9']);
  await killed.agent.fail({ signal: 'SIGKILL', error: 'killed' });
  await using broken = await submitAndClaim(['--', 'nothing']);
  await broken.agent.fail({ error: 'no such command' });
  expect([(await killed.command.result).code, (await broken.command.result).code]).toEqual([137, 1]);
});

test('a workload that is cancelled while waiting ends with 130', async () => {
  await using command = stack.open(['workload', 'submit', '--wait', '--queue', 'nobody', '--label', 'test=cancel', '--', 'true']);
  let id: string | undefined;
  while (id === undefined)
    id = json<{ items: { id: string }[] }>(await stack.run(['workload', 'list', '--label', 'test=cancel', '--json'])).items[0]?.id;
  expect((await stack.run(['workload', 'cancel', id])).stdout).toBe(`${id} cancelled (requested)\n`);
  const { code, stderr } = await command.result;
  expect(code).toBe(130);
  expect(stderr).toContain(`Workload ${id} was cancelled`);
});

test('the result of a script is printed after what it logged', async () => {
  await using waiting = await submitAndClaim(['--script', '-'], { input: 'return 42' });
  await waiting.agent.write('working\n', 'log');
  await waiting.agent.complete({ output: '42' });
  expect(await waiting.command.result).toEqual({ code: 0, signal: null, stdout: '42\n', stderr: 'working\n' });
});

test('a retried attempt is announced and its output shown', async () => {
  await using waiting = await submitAndClaim(['--max-attempts', '2', '--', 'flaky']);
  await waiting.agent.write('first\n');
  await waiting.agent.fail({ exit_code: 1, error: 'once', retryable: true });
  await waiting.agent.claim();
  await waiting.agent.write('second\n');
  await waiting.agent.complete();
  expect(await waiting.command.result).toEqual({ code: 0, signal: null, stdout: 'first\nsecond\n', stderr: 'Attempt 2:\n' });
});

test('output goes on after a disconnect without a gap or a duplicate', async () => {
  await using proxy = await Proxy.to(stack.url);
  await using waiting = await submitAndClaim(['--', 'count'], { url: proxy.url });
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}\n`);
  for (const [index, line] of lines.entries()) {
    await waiting.agent.write(line);
    if (index === 10 || index === 30) await waiting.command.until(({ stdout }) => stdout.includes(line));
    if (index === 10 || index === 12 || index === 30) proxy.cut();
    if (index === 40) proxy.down();
    if (index === 50) proxy.up();
  }
  await waiting.agent.complete({ output: lines.join('') });
  const { code, stdout } = await waiting.command.result;
  expect({ code, stdout }).toEqual({ code: 0, stdout: lines.join('') });
  expect(proxy.cuts).toBe(4);
});

test('a server that stays away is given up with 69, and the workload goes on', async () => {
  await using proxy = await Proxy.to(stack.url);
  await using waiting = await submitAndClaim(['--reconnect-for', '1s', '--', 'true'], { url: proxy.url });
  await waiting.agent.write('one\n');
  await waiting.command.until(({ stdout }) => stdout === 'one\n');
  proxy.down();
  const { code, stderr } = await waiting.command.result;
  expect(code).toBe(69);
  expect(stderr).toContain('did not come back within 1.0s');
  await waiting.agent.complete();
});

test('Ctrl-C stops waiting and leaves the workload alone', async () => {
  await using waiting = await submitAndClaim(['--', 'true']);
  await waiting.agent.write('one\n');
  await waiting.command.until(({ stdout }) => stdout === 'one\n');
  waiting.command.process.kill('SIGINT');
  const { code, stderr } = await waiting.command.result;
  expect(code).toBe(130);
  const id = /workload tail (wl_\w+)/.exec(stderr)?.[1] ?? '';
  await waiting.agent.complete();
  expect(json<{ status: string }>(await stack.run(['workload', 'get', id, '--json'])).status).toBe('completed');
  expect(await stack.run(['workload', 'tail', id])).toEqual({ code: 0, signal: null, stdout: 'one\n', stderr: '' });
});

test('with --json the finished workload is the only thing on stdout', async () => {
  await using waiting = await submitAndClaim(['--json', '--', 'true']);
  await waiting.agent.write('one\n');
  await waiting.agent.complete({ output: 'one\n' });
  const { code, stdout, stderr } = await waiting.command.result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'one\n' });
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', output: 'one\n', attempts: [{ outcome: 'completed' }] });
});

test('every option of submit arrives', async () => {
  const placement = [
    '--isolation',
    'process',
    '--queue',
    'nightly',
    '--priority',
    '-5',
    '--label',
    'a=1',
    '--label',
    'b=x=y',
    '--require-label',
    'gpu=1',
  ];
  const limits = ['--max-attempts', '3', '--timeout', '2m', '--run-at', '2099-01-31T12:00:00Z', '--idempotency-key', 'once'];
  const id = await submit([...placement, ...limits, '--env', 'A=1', '--', 'echo', '-n', '--json']);
  expect(json(await stack.run(['workload', 'get', id, '--json']))).toMatchObject({
    kind: 'command',
    payload: { command: ['echo', '-n', '--json'], env: { A: '1' } },
    isolation: 'process',
    queue: 'nightly',
    priority: -5,
    labels: { a: '1', b: 'x=y' },
    required_labels: { gpu: '1' },
    max_attempts: 3,
    timeout_ms: 120_000,
    run_at: '2099-01-31T12:00:00.000Z',
    idempotency_key: 'once',
    status: 'pending',
  });
});

test('the same idempotency key answers with the first workload, another body is refused', async () => {
  const args = ['--queue', 'nobody', '--idempotency-key', 'again', '--'];
  const first = await submit([...args, 'true']);
  expect(await submit([...args, 'true'])).toBe(first);
  const { code, stderr } = await stack.run(['workload', 'submit', ...args, 'false']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: /);
});

test('what the server refuses is told by field and option, with exit code 2', async () => {
  const { code, stdout, stderr } = await stack.run(['workload', 'submit', '--queue', 'not a name', '--max-attempts', '0', '--', 'true']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('queue (--queue): ');
  expect(stderr).toContain('max_attempts (--max-attempts): ');
  const asJson = await stack.run(['workload', 'submit', '--json', '--queue', 'not a name', '--', 'true']);
  expect(JSON.parse(asJson.stderr)).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'queue' }] });
});

test("a list is the API's page as JSON, and an aligned table otherwise", async () => {
  const ids = [];
  for (const name of ['a', 'b', 'c']) ids.unshift(await submit(['--queue', 'listed', '--label', `name=${name}`, '--', 'true']));
  const answer = await fetch(`${stack.url}/v1/workloads?queue=listed&limit=2`);
  const page = json<{ items: { id: string }[]; next_cursor: string }>(
    await stack.run(['workload', 'list', '--queue', 'listed', '--limit', '2', '--json']),
  );
  expect(page).toEqual(await answer.json());
  const next = json<{ items: { id: string }[] }>(
    await stack.run(['workload', 'list', '--queue', 'listed', '--cursor', page.next_cursor, '--json']),
  );
  expect([...page.items, ...next.items].map(({ id }) => id)).toEqual(ids);
  const all = json<{ items: { id: string }[]; next_cursor: null }>(
    await stack.run(['workload', 'list', '--queue', 'listed', '--limit', '1', '--all', '--json']),
  );
  expect([all.items.map(({ id }) => id), all.next_cursor]).toEqual([ids, null]);
  const table = await stack.run(['workload', 'list', '--queue', 'listed', '--limit', '2', '--all']);
  const [heading, ...rows] = table.stdout.trimEnd().split('\n');
  expect(heading).toMatch(/^ID +STATUS +REASON +KIND +AGE +DURATION +WORKER$/);
  expect(rows.map((row) => row.split(/ +/)[0])).toEqual(ids);
  expect(new Set(rows.map((row) => row.indexOf('pending')))).toEqual(new Set([heading?.indexOf('STATUS')]));
});

test('a page that is not the last says how to go on, on stderr', async () => {
  await submit(['--queue', 'paged', '--', 'true']);
  await submit(['--queue', 'paged', '--', 'true']);
  const { stdout, stderr } = await stack.run(['workload', 'list', '--queue', 'paged', '--limit', '1']);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(stderr).toMatch(/^More with --cursor \S+/);
});

test('several workloads are cancelled and retried at once, and a refusal spares the others', async () => {
  const [first, second] = [await submit(['--queue', 'several', '--', 'true']), await submit(['--queue', 'several', '--', 'true'])];
  const { code, stdout, stderr } = await stack.run(['workload', 'cancel', first, 'wl_missing', second]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: `${first} cancelled (requested)\n${second} cancelled (requested)\n` });
  expect(stderr).toContain('wl_missing');
  expect((await stack.run(['workload', 'retry', first])).stdout).toBe(`${first} pending (queued)\n`);
});

test('an id that does not exist is told with exit code 1', async () => {
  for (const verb of ['get', 'cancel', 'retry', 'tail']) {
    const { code, stdout, stderr } = await stack.run(['workload', verb, 'wl_missing']);
    expect({ verb, code, stdout }).toEqual({ verb, code: 1, stdout: '' });
    expect(stderr).toContain('error: No workload with the id "wl_missing"');
  }
});

test('tail without the start shows only what comes after it', async () => {
  await using waiting = await submitAndClaim(['--label', 'test=tail', '--', 'true']);
  await waiting.agent.write('early\n');
  const id = json<{ items: { id: string }[] }>(await stack.run(['workload', 'list', '--label', 'test=tail', '--json'])).items[0]?.id ?? '';
  // The server's clock is known to the second only: what was written in the same second may be shown again.
  const written = Date.now();
  while (Date.now() - written < 1100) await stack.run(['stats']);
  await using tail = stack.open(['workload', 'tail', id, '--no-from-start']);
  for (let count = 0; !tail.stdout.includes('late'); count += 1) {
    await waiting.agent.write(`late ${count}\n`);
    await stack.run(['stats']);
  }
  await waiting.agent.complete();
  const { code, stdout } = await tail.result;
  expect(code).toBe(0);
  expect(stdout).not.toContain('early');
});

test('stats has every number of the API', async () => {
  const stats = json(await stack.run(['stats', '--json']));
  expect(stats).toEqual(await (await fetch(`${stack.url}/v1/stats`)).json());
  const { stdout } = await stack.run(['stats', '--kind', 'nothing']);
  expect(stdout).toMatch(/^total +0$/m);
  expect(stdout).toMatch(/^ {2}microvm +0$/m);
});
