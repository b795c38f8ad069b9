import type { RegisteredRouter } from '@tanstack/react-router';
import { client } from '../../lib/trpc.ts';

/** The gallery does not show itself, and the address of the settings only leads on. */
type PagePath = Exclude<keyof RegisteredRouter['routesByPath'], '/gallery' | '/settings'>;

async function idOf(list: Promise<{ items: { id: string }[] }>): Promise<string | null> {
  return (await list).items[0]?.id ?? null;
}

async function under(path: string, id: Promise<string | null>): Promise<string | null> {
  const found = await id;
  return found === null ? null : `${path}/${found}`;
}

const aMonitor = (): Promise<string | null> => idOf(client.monitors.list.query({ order: 'urgent', limit: 1 }));

async function aRun(): Promise<string | null> {
  const monitor = await aMonitor();
  if (monitor === null) return null;
  const { results } = await client.monitors.results.query({ test_id: monitor, limit: 1 });
  return results[0] === undefined ? null : `/monitors/${monitor}/runs/${results[0].run_id}`;
}

/** An address of each page: its own, or that of the first thing the server lists; null where it lists none. */
export const PAGES: Record<PagePath, () => Promise<string | null>> = {
  '/': () => Promise.resolve('/'),
  '/workloads': () => Promise.resolve('/workloads'),
  '/workloads/$id': () => under('/workloads', idOf(client.workloads.list.query({ status: 'failed', limit: 1 }))),
  '/queues': () => Promise.resolve('/queues'),
  '/workers': () => Promise.resolve('/workers'),
  '/workers/$id': () => under('/workers', idOf(client.workers.list.query({ limit: 1 }))),
  '/monitors': () => Promise.resolve('/monitors'),
  '/monitors/$id': () => under('/monitors', aMonitor()),
  '/monitors/$id/runs/$runId': aRun,
  '/incidents': () => Promise.resolve('/incidents'),
  '/incidents/$id': () => under('/incidents', idOf(client.outages.list.query({ limit: 1 }))),
  '/status': () => Promise.resolve('/status'),
  '/publishing': () => Promise.resolve('/publishing'),
  '/publishing/queue': () => Promise.resolve('/publishing/queue'),
  '/publishing/queue/$id': () =>
    under('/publishing/queue', idOf(client.publishing.publications.list.query({ status: 'failed', limit: 1 }))),
  '/publishing/platforms/$platform': () => Promise.resolve('/publishing/platforms/youtube'),
  '/publishing/campaigns': () => Promise.resolve('/publishing/campaigns'),
  '/publishing/campaigns/$id': () => under('/publishing/campaigns', idOf(client.publishing.campaigns.list.query({ limit: 1 }))),
  '/errors': () => Promise.resolve('/errors'),
  '/activity': () => Promise.resolve('/activity'),
  '/activity/bulk/$id': () => under('/activity/bulk', idOf(client.operations.list.query({ limit: 1 }))),
  '/settings/profile': () => Promise.resolve('/settings/profile'),
  '/settings/api-keys': () => Promise.resolve('/settings/api-keys'),
  '/settings/secrets': () => Promise.resolve('/settings/secrets'),
  '/settings/audit': () => Promise.resolve('/settings/audit'),
  '/settings/members': () => Promise.resolve('/settings/members'),
  '/settings/notifications': () => Promise.resolve('/settings/notifications'),
  '/settings/retention': () => Promise.resolve('/settings/retention'),
  '/settings/import-export': () => Promise.resolve('/settings/import-export'),
  '/settings/system': () => Promise.resolve('/settings/system'),
  '/login': () => Promise.resolve('/login'),
  '/setup': () => Promise.resolve('/setup'),
};
