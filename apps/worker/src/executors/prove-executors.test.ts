import { rm, writeFile } from 'node:fs/promises';
import { createClient } from '@tidemark/api/client';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { findSandboxProblem } from '../processes/find-sandbox-problem.ts';
import { sandboxProblem, temporaryPath } from '../testing/containment.ts';
import { findChromium } from './monitor/browser/find-chromium.ts';
import { type Proved, proveExecutors } from './prove-executors.ts';

const named = process.env['CHROMIUM'];
afterEach(() => {
  if (named === undefined) delete process.env['CHROMIUM'];
  else process.env['CHROMIUM'] = named;
});

const prove = (): Promise<Proved> =>
  proveExecutors({
    sandbox: 'off',
    handlers: {},
    extra: [],
    client: createClient({ url: 'http://127.0.0.1:9' }),
    hidden: [],
    mark: 'test-prove.',
    log: pino({ level: 'silent' }),
  });

test('monitors are always offered, browsers only where one starts', async () => {
  const proved = await prove();
  expect(proved.kinds).toContain('monitor');
  expect(proved.kinds).toContain('publish');
  expect(proved.labels).toMatchObject({ sandbox: 'none', disk: 'watched' });
  expect(proved.labels['browser']).toBe((await findChromium(process.env)) === null ? undefined : 'chromium');
  process.env['CHROMIUM'] = '/does/not/exist';
  const bare = await prove();
  expect(bare.kinds).toContain('monitor');
  expect(bare.labels).not.toHaveProperty('browser');
});

test.skipIf(sandboxProblem !== null)('a sandbox that does not bound what a command stores is none', async () => {
  const program = temporaryPath('unbounded');
  // The real one, without the sizes it is asked for.
  const script = `left=$#
    while [ $left -gt 0 ]; do
      word=$1; shift; left=$((left - 1))
      if [ "$word" = --size ]; then shift; left=$((left - 1)); else set -- "$@" "$word"; fi
    done
    exec bwrap "$@"`;
  await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  try {
    expect(await findSandboxProblem(program)).toBe('the work folder has no bound');
  } finally {
    await rm(program);
  }
});
