import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLATFORM_KEYS } from '@tidemark/core/platforms/contract';
import * as z from 'zod';

/** What is submitted without a queue, the runs of monitors, and publications. */
export const DEFAULT_QUEUES: readonly string[] = ['default', 'monitors', ...PLATFORM_KEYS.map((key) => `publish:${key}`)];

/** Megabytes: a work folder lies in memory where the sandbox works. */
export const DEFAULT_MOST_DISK_MB = 4096;

/** Jobs mostly wait for something: twice the processors, and never fewer than four. */
export const defaultSlots = (): number => Math.max(4, 2 * availableParallelism());

export const USAGE = `tidemark worker: runs what the server hands out.

  --url URL            the server (TIDEMARK_URL, default http://127.0.0.1:3000)
  --key KEY            an API key with the role worker (TIDEMARK_KEY)
  --name NAME          how it is shown (TIDEMARK_WORKER_NAME, default the host name)
  --type TYPE          its worker type, for statistics (default "agent")
  --slots N            jobs at a time (default twice the processors, at least 4; here ${defaultSlots()})
  --queues A,B         queues it takes from (default "${DEFAULT_QUEUES.join()}")
  --labels k=v,k=v     labels that workloads may require
  --handlers FILE      a module that exports defineHandlers({ … })
  --state-dir PATH     its identity and unreported outcomes (default DATA_DIR/worker, or the next free number)
  --sandbox MODE       auto, off or required: bubblewrap around commands (default auto)
  --disk-mb N          the most a command may store in its work folder (default ${DEFAULT_MOST_DISK_MB})
  --grace SECONDS      how long running jobs may go on after SIGTERM (default 20)
  --help`;

const pairs = z.string().transform((text, context) => {
  const labels: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part !== '')) {
    const at = pair.indexOf('=');
    if (at < 1) context.addIssue({ code: 'custom', message: `"${pair}" is not name=value` });
    else labels[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return labels;
});

const Config = z.object({
  url: z.url({ protocol: /^https?$/ }),
  key: z.string().min(1).optional(),
  name: z.string().trim().min(1).max(128),
  type: z.string().min(1),
  slots: z.coerce.number().int().min(1).max(10_000),
  queues: z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
  labels: pairs,
  handlers: z.string().min(1).optional(),
  state_dir: z.string().min(1).optional(),
  data_dir: z.string().min(1),
  sandbox: z.enum(['auto', 'off', 'required']),
  disk_mb: z.coerce.number().int().min(1).max(1_048_576),
  grace: z.coerce.number().min(0).max(86_400),
});
export type Config = z.infer<typeof Config>;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  url: TEXT,
  key: TEXT,
  name: TEXT,
  type: TEXT,
  slots: TEXT,
  queues: TEXT,
  labels: TEXT,
  handlers: TEXT,
  'state-dir': TEXT,
  sandbox: TEXT,
  'disk-mb': TEXT,
  grace: TEXT,
  help: { type: 'boolean' },
} as const;

/** Arguments win over the environment. Null when help was asked for. @throws with a line per wrong option. */
export function readConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Config | null {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  if (values.help === true) return null;
  const parsed = Config.safeParse({
    url: values.url ?? (env['TIDEMARK_URL'] || 'http://127.0.0.1:3000'),
    key: values.key ?? (env['TIDEMARK_KEY'] || undefined),
    name: values.name ?? (env['TIDEMARK_WORKER_NAME'] || hostname()),
    type: values.type ?? 'agent',
    slots: values.slots ?? defaultSlots(),
    queues: values.queues ?? DEFAULT_QUEUES.join(),
    labels: values.labels ?? '',
    handlers: values.handlers,
    state_dir: values['state-dir'],
    data_dir: env['DATA_DIR'] || './data',
    sandbox: values.sandbox ?? 'auto',
    disk_mb: values['disk-mb'] ?? DEFAULT_MOST_DISK_MB,
    grace: values.grace ?? 20,
  });
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `--${issue.path.join('.').replace('_', '-')}: ${issue.message}`).join('\n'));
}

/** The folder for the nth worker on one machine: `worker`, `worker-2`, … */
export const stateDirNumber = (dataDir: string, at: number): string => join(dataDir, at === 1 ? 'worker' : `worker-${at}`);
