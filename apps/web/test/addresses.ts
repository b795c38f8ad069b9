import { readFile } from 'node:fs/promises';

/** An example of each page whose address holds an id, taken from what the server lists. */
async function examples(url: string): Promise<Record<string, string>> {
  const first = async (path: string, key: string): Promise<string> => {
    const response = await fetch(url + path);
    const { items, results } = (await response.json()) as Record<'items' | 'results', Record<string, string>[] | undefined>;
    const id = (items ?? results)?.[0]?.[key];
    if (id === undefined) throw new Error(`${path} lists nothing to open`);
    return id;
  };
  const monitor = await first('/api/tests', 'id');
  return {
    '/workloads/$id': `/workloads/${await first('/v1/workloads?status=failed', 'id')}`,
    '/workers/$id': `/workers/${await first('/v1/workers', 'id')}`,
    '/monitors/$id': `/monitors/${monitor}`,
    '/monitors/$id/runs/$runId': `/monitors/${monitor}/runs/${await first(`/api/tests/${monitor}/results`, 'run_id')}`,
    '/incidents/$id': `/incidents/${await first('/v1/outages', 'id')}`,
    '/activity/bulk/$id': `/activity/bulk/${await first('/v1/operations', 'id')}`,
    '/publishing/queue/$id': `/publishing/queue/${await first('/v1/publications?status=failed', 'id')}`,
    '/publishing/platforms/$platform': `/publishing/platforms/${await first('/v1/platforms', 'platform')}`,
    '/publishing/campaigns/$id': `/publishing/campaigns/${await first('/v1/campaigns', 'id')}`,
  };
}

/** Has a test of its own: it shows every other page in states that this one must not be in. */
const GALLERY = '/gallery';

/** The path of every route of the router but the gallery, in its order. */
export async function routePaths(): Promise<string[]> {
  const source = await readFile(new URL('../src/app/router.tsx', import.meta.url), 'utf8');
  const paths = [...source.matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path ?? '');
  if (paths.length !== source.split('createRoute({').length - 1) throw new Error('the router declares a route this cannot read');
  return paths.filter((path) => path !== GALLERY);
}

/** The address of each of them. @throws when a route with an id has no example here. */
export async function addressesOf(url: string): Promise<string[]> {
  const known = await examples(url);
  return (await routePaths()).map((path) => {
    const address = path.includes('$') ? known[path] : path;
    if (address === undefined) throw new Error(`no example of ${path} to visit`);
    return address;
  });
}
