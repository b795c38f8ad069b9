import { post } from './agent.ts';
import { Console, chromiumPath } from './console.ts';

/** A console on a month of demo data, with one bulk action done: in the embedded database, or in a PostgreSQL. */
export async function openDemo(stack: AsyncDisposableStack, databaseUrl?: string): Promise<Console> {
  const store = databaseUrl === undefined ? {} : { databaseUrl };
  const app = stack.use(await Console.open(chromiumPath ?? '', { hasWorker: false, demo: 'still', ...store }));
  await post(`${app.url}/v1/operations`, { action: 'cancel', filter: { status: 'pending' } });
  return app;
}
