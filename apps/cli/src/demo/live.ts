import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@tidemark/api/client';
import { startAgents } from './agents.ts';
import { makeTraffic } from './traffic.ts';

/** The demo's agents at work, and something for them to do. */
export interface LiveDemo {
  stop(): Promise<void>;
}

/** Starts live traffic against a server with demo data: gentle, until it is stopped. */
export async function startLive(at: { url: string; key: string | undefined; workerKey: string }): Promise<LiveDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
  const stopping = new AbortController();
  const agents = startAgents({ url: at.url, key: at.workerKey, folder });
  const traffic = makeTraffic(createClient({ url: at.url, key: at.key }), stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await traffic;
      await agents.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
