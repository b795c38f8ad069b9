import { describe, expect, test } from 'vitest';
import { startJob } from '@tidemark/sdk/testing';
import { plainContainment, sandboxedContainment, sandboxProblem } from '../../testing/containment.ts';
import type { Containment } from '../../processes/contained-process.ts';
import type { Outcome } from '@tidemark/sdk/agent';
import { listMembers } from '../../processes/process-tree.ts';
import { findIsolateProblem } from './find-isolate-problem.ts';
import { createScriptExecutor } from './run-script.ts';

const modes: [string, () => Containment][] = [['its own process', plainContainment]];
if (sandboxProblem === null) modes.push(['the sandbox', sandboxedContainment]);

describe.each(modes)('a script in %s', (_, contain) => {
  const run = (source: string, more: Record<string, unknown> = {}): Promise<Outcome> =>
    startJob(createScriptExecutor(contain()), { source, ...more }).outcome;

  test('is proved to be apart', async () => {
    expect(await findIsolateProblem(contain())).toBeNull();
  });

  test('returns its value as JSON', async () => {
    expect(await run('return input.a + 1', { input: { a: 1 } })).toEqual({
      op: 'complete',
      output: '2',
      output_truncated: false,
      exit_code: 0,
    });
    expect(await run('return { text: "ä😀", list: [1, null] } // no newline after')).toMatchObject({
      output: '{"text":"ä😀","list":[1,null]}',
    });
    expect(await run('')).toMatchObject({ op: 'complete', output: null });
  });

  test('may await promises and timers', async () => {
    const source =
      'const values = []; for (const ms of [20, 1]) await new Promise((done) => setTimeout(() => { values.push(ms); done(); }, ms)); return values;';
    expect(await run(source)).toMatchObject({ output: '[20,1]' });
    expect(
      await run(
        'const id = setTimeout(() => { throw new Error("late") }, 5); clearTimeout(id); await new Promise((d) => setTimeout(d, 30)); return 1',
      ),
    ).toMatchObject({ output: '1' });
  });

  test('prints to the live output only', async () => {
    const job = startJob(createScriptExecutor(contain()), { source: 'console.log("one", { two: 2 }); console.error("three"); return 4' });
    expect(await job.outcome).toMatchObject({ op: 'complete', output: '4' });
    expect(job.live).toEqual([
      { stream: 'stdout', text: 'one {"two":2}\n' },
      { stream: 'stderr', text: 'three\n' },
    ]);
  });

  test('that throws fails as retryable, with the line of its author', async () => {
    const outcome = await run('const a = 1;\nthrow new RangeError("too far");');
    expect(outcome).toMatchObject({
      op: 'fail',
      retryable: true,
      exit_code: 1,
      error: expect.stringMatching(/^RangeError: too far\n.*script\.js:2:7/),
    });
    expect(await run('setTimeout(() => { throw new Error("late") }, 1); await new Promise(() => {})')).toMatchObject({
      op: 'fail',
      error: expect.stringContaining('late'),
    });
  });

  test.each([
    ['return (', /does not parse/],
    ['}; (async () => { return 5; })(); async (input) => {', /does not parse/],
    ['return 10n', /not JSON/],
    ['const a = {}; a.a = a; return a', /not JSON/],
  ])('%j fails for good', async (source, error) => {
    expect(await run(source)).toMatchObject({ op: 'fail', retryable: false, error: expect.stringMatching(error) });
  });

  test.each([
    ['objects', 'const a = []; for (;;) a.push({ at: a.length, more: [a.length] })'],
    ['text', 'let s = "x".repeat(1e6); const a = []; for (;;) a.push((s += "y" + Math.random()).split("").join("-"))'],
    ['buffers', 'const a = []; for (;;) { a.push(new Uint8Array(1e6).fill(7)); }'],
    ['prints', 'const a = []; for (;;) { a.push("z".repeat(1e5) + a.length); console.log(a.length); a.push(a.join("")); }'],
  ])('that allocates %s for ever is stopped at its memory limit', async (_name, source) => {
    expect(await run(source, { memory_mb: 32 })).toMatchObject({
      op: 'fail',
      error: expect.stringMatching(/memory|Invalid string length/),
    });
  });

  test.each([
    ['loops', 'console.log("in"); for (;;);'],
    ['waits', 'console.log("in"); await new Promise(() => {})'],
    ['keeps its promises busy', 'console.log("in"); for (;;) await null'],
    ['prints', 'for (;;) console.log("in")'],
  ])('that %s for ever is killed when it has to stop', async (_name, source) => {
    const containment = contain();
    const job = startJob(createScriptExecutor(containment), { source });
    await job.waitForOutput(/in/);
    job.stop('timeout', 5000);
    expect(await job.outcome).toMatchObject({ op: 'fail' });
    expect(await listMembers({ pid: -1, mark: containment.mark })).toEqual([]);
  });

  test('finds no process, no files, no network and no environment', async () => {
    const source = `
      const names = ['process', 'require', 'fetch', 'WebSocket', 'Buffer', 'global', 'WebAssembly', 'SharedArrayBuffer'];
      const seen = names.filter((name) => name in globalThis);
      const viaConstructor = console.log.constructor('return typeof process')();
      const imported = await import('node:fs').then(() => 'imported', () => 'refused');
      return { seen, viaConstructor, imported, globals: typeof __input };`;
    expect(await run(source)).toMatchObject({
      output: '{"seen":[],"viaConstructor":"undefined","imported":"refused","globals":"undefined"}',
    });
  });

  test('keeps only the first and last part of a large result', async () => {
    const outcome = await run('return "r".repeat(3e6)');
    expect(outcome).toMatchObject({ op: 'complete', output_truncated: true });
    expect(Buffer.byteLength(outcome.output ?? '')).toBeLessThanOrEqual(524_288);
  });

  test('with a payload that does not fit fails for good and names the field', async () => {
    expect(await run('return 1', { memory_mb: 1 })).toMatchObject({
      retryable: false,
      error: expect.stringContaining('payload.memory_mb'),
    });
    expect(await run('return 1', { inputs: 1 })).toMatchObject({ retryable: false, error: expect.stringContaining('inputs') });
  });
});
