import { engines } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

interface Heartbeat {
  readonly id: string;
  readonly ping_key: string;
}

const [GREEN, GREY] = ['#2e7d32', '#5f6368'];

describe.each(engines())('what is said in public on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const create = async (): Promise<Heartbeat> =>
    (await server.send('POST /api/tests', { name: 'Backup', type: 'heartbeat', interval_seconds: 86_400, public: true })).json as Heartbeat;
  const ping = (monitor: Heartbeat, status: 'ok' | 'fail'): Promise<unknown> =>
    server.send(`POST /api/heartbeats/${monitor.ping_key}`, { status });
  const status = async (): Promise<unknown> => (await server.get('/api/status')).json;
  const badge = async ({ id }: Heartbeat, metric = 'status'): Promise<string> =>
    (await server.get(`/api/tests/${id}/badge/${metric}`)).text;

  it('is never that everything is up while something is not known to be', async () => {
    expect(await status()).toMatchObject({ state: 'unknown', headline: 'Nothing is known yet', detail: null, monitors: [] });
    const [first, second] = [await create(), await create()];
    await ping(first, 'ok');
    expect(await status()).toMatchObject({
      state: 'unknown',
      by_state: { up: 1, unknown: 1, down: 0, maintenance: 0, paused: 0 },
      headline: '1 of 2 has no result yet',
      detail: '1 is up',
    });
    expect(await badge(first)).toContain(GREEN);
    expect(await badge(second)).toContain(': no result yet');
    expect(await badge(second)).not.toContain(GREEN);
    await ping(second, 'ok');
    expect(await status()).toMatchObject({ state: 'up', headline: 'Everything is up', detail: null });
    await server.send(`POST /api/tests/${first.id}/pause`);
    expect(await status()).toMatchObject({ state: 'unknown', headline: '1 of 2 is paused', by_state: { up: 1, paused: 1 } });
    const uptime = await badge(first, 'uptime');
    expect([uptime.includes(': 100.0 %'), uptime.includes(GREEN), uptime.includes(GREY)]).toEqual([true, false, true]);
    await ping(second, 'fail');
    expect(await status()).toMatchObject({ state: 'down', headline: '1 of 2 is down', detail: '1 is paused' });
  });

  /** Nothing has been heard of it for long. */
  const silence = async ({ id }: Heartbeat): Promise<unknown> =>
    server.running.core.database.db
      .updateTable('monitor_state')
      .set({ last_run_at: '2026-01-01T00:00:00.000Z', next_run_at: null })
      .where('test_id', '=', id)
      .execute();

  it('is that it is down, and since when, as long as the outage of a monitor goes on of which nothing is heard', async () => {
    const before = (await status()) as { by_state: { down: number; unknown: number } };
    const broken = await create();
    await ping(broken, 'fail');
    await silence(broken);
    const { by_state, state, monitors } = (await status()) as {
      state: string;
      by_state: { down: number; unknown: number };
      monitors: { id: string; state: string; outage: { opened_at: string } | null }[];
    };
    expect([state, by_state.down, by_state.unknown]).toEqual(['down', before.by_state.down + 1, before.by_state.unknown]);
    expect(monitors.find(({ id }) => id === broken.id)).toMatchObject({
      state: 'down',
      outage: { opened_at: expect.stringMatching(/^\d{4}-/) as unknown },
    });
    expect(await badge(broken)).toContain(': down');
  });

  it('is not what was long ago: a monitor nothing is heard of is unknown', async () => {
    const silent = await create();
    await ping(silent, 'ok');
    await silence(silent);
    const { monitors } = (await status()) as { monitors: { id: string; state: string }[] };
    expect(monitors.find((monitor) => monitor.id === silent.id)?.state).toBe('unknown');
    expect(await badge(silent)).toContain(': unknown');
    expect(await badge(silent)).not.toContain(GREEN);
  });
});
