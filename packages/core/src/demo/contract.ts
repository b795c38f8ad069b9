import * as z from 'zod';
import { HttpUrl } from '../steps/contract.ts';

export const LoadDemoInput = z.strictObject({
  seed: z.int().min(0).max(4_294_967_295).default(1).describe('The same seed at the same time makes the same data.'),
  days: z.int().min(1).max(90).default(30),
  target: HttpUrl.nullable()
    .default(null)
    .describe('Where the demo answers checks and publications. Without one nothing is checked or sent: the history stands still.'),
  force: z.boolean().default(false).describe('Load beside what is there.'),
});
export type LoadDemoInput = z.infer<typeof LoadDemoInput>;

/** What was loaded, and when. */
export const Demo = z
  .object({
    seed: z.int(),
    days: z.int(),
    loaded_at: z.string(),
    is_alone: z.boolean().describe('The database was empty before.'),
    workloads: z.int(),
    runs: z.int(),
    publications: z.int(),
  })
  .meta({ id: 'Demo' });
export type Demo = z.infer<typeof Demo>;
export const DemoAnswer = z.object({ demo: Demo.nullable().describe('Null: what is there is real.') });

/** An agent of the demo, with what it can run. Live traffic brings the present ones back under their ids. */
export interface DemoWorker {
  readonly id: string;
  readonly name: string;
  readonly worker_type: string;
  readonly version: string;
  readonly host: string;
  readonly kinds: readonly string[];
  readonly queues: readonly string[];
  readonly isolations: readonly string[];
  readonly slots: number;
  /** Keys a second of a scan, on a usual day. */
  readonly pace: number;
  /** Left this many days ago; present agents have none. */
  readonly left_days_ago?: number;
}

const agent = (name: string, fields: Omit<DemoWorker, 'id' | 'name' | 'isolations' | 'host'> & { isolations?: string[] }): DemoWorker => ({
  isolations: ['process'],
  ...fields,
  id: `wk_demo_${name.replaceAll('-', '_')}`,
  name,
  host: `${name}.demo.internal`,
});

const scanner = { worker_type: 'scanner', version: '2.4.1', kinds: ['scan-keys'], queues: ['scans'], slots: 2 };
const media = { worker_type: 'media', version: '2.4.1', kinds: ['transcode', 'thumbnail'], queues: ['media'], slots: 4, pace: 0 };

export const DEMO_WORKERS: readonly DemoWorker[] = [
  agent('scan-eu-1', { ...scanner, pace: 46_000 }),
  agent('scan-eu-2', { ...scanner, pace: 44_000 }),
  agent('scan-us-1', { ...scanner, pace: 41_000 }),
  agent('media-1', media),
  agent('media-2', media),
  agent('office-1', {
    worker_type: 'general',
    version: '2.4.1',
    kinds: ['send-digest', 'sync-orders', 'build-report', 'build-image', 'run-plugin'],
    queues: ['default', 'reports', 'builds'],
    isolations: ['process', 'isolate', 'gvisor', 'microvm'],
    slots: 6,
    pace: 0,
  }),
  agent('scan-eu-0', { ...scanner, version: '2.3.0', pace: 31_000, left_days_ago: 12 }),
];
