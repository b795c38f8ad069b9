import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import { DEFAULT_ALERT } from '../monitors/contract.ts';
import type { Step } from '../steps/contract.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './span.ts';

/** A stretch, in milliseconds before now, in which a monitor fails. */
export interface DemoOutage {
  readonly from: number;
  readonly to: number;
  readonly status: number;
  readonly error: string;
}

/** A monitor of the demo, and how its target behaves. */
export interface DemoMonitor {
  readonly id: string;
  readonly name: string;
  /** Below the target's address; the demo's target answers there. */
  readonly path: string;
  readonly every_seconds: number;
  readonly usual_ms: number;
  readonly spread: number;
  /** A single run that fails by chance, of so many. */
  readonly one_fails_in: number;
  readonly degraded_ms: number | null;
  /** Slower in the evening by this factor. */
  readonly evening: number;
  readonly tags: readonly string[];
  readonly is_public: boolean;
  readonly outages: readonly DemoOutage[];
  /** Stopped by an operator this long ago. */
  readonly paused_since?: number;
  readonly second_step?: { readonly name: string; readonly path: string };
}

export const ONCALL_CHANNEL = 'ch_demo_oncall';
export const OPS_CHANNEL = 'ch_demo_ops';
const CONFIRM_FAILURES = 2;

const CHECKOUT_DOWN: DemoOutage = { from: 43 * MINUTE_MS, to: 0, status: 503, error: 'pay: status: expected 200, got 503' };
const SEARCH_DOWN: DemoOutage = {
  from: 9 * DAY_MS + 5 * HOUR_MS,
  to: 9 * DAY_MS + 4 * HOUR_MS + 22 * MINUTE_MS,
  status: 502,
  error: 'status: expected 200, got 502',
};

type Given = Pick<DemoMonitor, 'name' | 'path' | 'every_seconds' | 'usual_ms'> & Partial<DemoMonitor>;

function monitor(given: Given): DemoMonitor {
  const usual = { spread: 0.22, one_fails_in: 1500, degraded_ms: null, evening: 1.25, tags: [], is_public: false, outages: [] };
  const slug = given.path.replaceAll(/[^a-z0-9]+/g, '_').replace(/^_/, '');
  return { ...usual, ...given, id: given.id ?? `tst_demo_${slug}` };
}

export const DEMO_MONITORS: readonly DemoMonitor[] = [
  monitor({
    name: 'Checkout API',
    path: '/checkout',
    every_seconds: 60,
    usual_ms: 210,
    degraded_ms: 900,
    evening: 1.6,
    tags: ['shop', 'critical'],
    is_public: true,
    outages: [CHECKOUT_DOWN],
    second_step: { name: 'pay', path: '/checkout/pay' },
  }),
  monitor({ name: 'Search', path: '/search', every_seconds: 300, usual_ms: 140, tags: ['shop'], is_public: true, outages: [SEARCH_DOWN] }),
  monitor({ name: 'Storefront', path: '/storefront', every_seconds: 300, usual_ms: 320, tags: ['shop'], is_public: true }),
  monitor({ name: 'Product page', path: '/product', every_seconds: 300, usual_ms: 410, degraded_ms: 1200, tags: ['shop'] }),
  monitor({
    name: 'Login flow',
    path: '/login',
    every_seconds: 600,
    usual_ms: 520,
    tags: ['accounts', 'critical'],
    is_public: true,
    second_step: { name: 'profile', path: '/login/profile' },
  }),
  monitor({ name: 'Payment webhooks', path: '/payments', every_seconds: 600, usual_ms: 95, tags: ['payments', 'critical'] }),
  monitor({ name: 'Image CDN', path: '/images', every_seconds: 600, usual_ms: 260, degraded_ms: 480, evening: 2.1, tags: ['media'] }),
  monitor({ name: 'Mail gateway', path: '/mail', every_seconds: 900, usual_ms: 60, one_fails_in: 300, tags: ['mail'] }),
  monitor({ name: 'Public API', path: '/api', every_seconds: 900, usual_ms: 130, tags: ['api'], is_public: true }),
  monitor({ name: 'Admin console', path: '/admin', every_seconds: 1800, usual_ms: 380, tags: ['internal'] }),
  monitor({ name: 'Documentation', path: '/docs', every_seconds: 3600, usual_ms: 180, tags: ['docs'], is_public: true }),
  monitor({ name: 'Partner feed', path: '/feed', every_seconds: 3600, usual_ms: 740, one_fails_in: 120, tags: ['partners'] }),
  monitor({ name: 'Legacy SOAP bridge', path: '/soap', every_seconds: 3600, usual_ms: 900, tags: ['internal'], paused_since: 6 * DAY_MS }),
];

export const DEMO_ALERT = { ...DEFAULT_ALERT, confirm_failures: CONFIRM_FAILURES, channel_ids: [ONCALL_CHANNEL] };

/** The steps of a monitor against the demo's target. */
function stepsOf(entry: DemoMonitor, target: string): Step[] {
  const get = (name: string, path: string): Step => ({
    type: 'http',
    name,
    method: 'GET',
    url: `${target}${path}`,
    headers: {},
    assert: [{ source: 'status', op: 'eq', value: 200 }],
    capture: [],
  });
  const { second_step: second } = entry;
  return [get('open', entry.path), ...(second === undefined ? [] : [get(second.name, second.path)])];
}

/** The monitor as its table keeps it. */
export function definitionRow(entry: DemoMonitor, target: string, createdAt: string): Partial<Selectable<Database['monitor']>> {
  return {
    id: entry.id,
    name: entry.name,
    type: 'synthetic',
    url: `${target}${entry.path}`,
    steps: JSON.stringify(stepsOf(entry, target)),
    interval_seconds: entry.every_seconds,
    timeout_ms: 10_000,
    retries: 0,
    status: entry.paused_since === undefined ? 'active' : 'paused',
    tags: ['demo', ...entry.tags],
    is_public: entry.is_public,
    alert: DEMO_ALERT,
    degraded_ms: entry.degraded_ms,
    slo_target_pct: entry.tags.includes('critical') ? 99.9 : null,
    created_at: createdAt,
    updated_at: createdAt,
  };
}
