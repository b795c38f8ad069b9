import { expect, test } from 'vitest';
import { eventually, run, Stack } from './command.ts';

const count = async (stack: Stack, path: string): Promise<number> => {
  const answer = (await (await fetch(`${stack.url}${path}`)).json()) as { items: unknown[] };
  return answer.items.length;
};

test('a demo has a past, live work of its own agents, and goes when it is removed', async () => {
  const options = ['--demo', '--demo-port', '0', '--days', '1'];
  await using stack = await Stack.start(options);
  const { demo } = (await (await fetch(`${stack.url}/v1/demo`)).json()) as { demo: { loaded_at: string; workloads: number } };
  expect(demo.workloads).toBeGreaterThan(50);
  await eventually(async () => (await count(stack, `/v1/workloads?status=completed&created_from=${demo.loaded_at}&label=demo`)) > 0);
  await eventually(async () => (await count(stack, '/v1/outages?status=open')) > 0);
  stack.command.process.kill('SIGINT');
  await stack.command.result;
  const removed = await run(['demo', '--remove', '--data-dir', `${stack.folder}/data`]);
  expect(removed).toMatchObject({ code: 0, stdout: 'The demo data is removed.\n' });
  expect((await run(['demo', '--remove', '--data-dir', `${stack.folder}/data`])).stderr).toContain('There is no demo data.');
});
