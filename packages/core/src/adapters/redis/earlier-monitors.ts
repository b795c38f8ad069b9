import type { EarlierMonitor, EarlierMonitors } from '../../ports/history-store.ts';
import type { RedisConnection } from './connection.ts';
import { keysOf, monitorOf } from './keys.ts';
import { textOf, timeOf } from './record-format.ts';

const PAGE = 500;

function intervalOf(fields: Readonly<Record<string, string>>): number | null {
  const seconds = Number(fields['interval_seconds'] ?? Number.NaN);
  const minutes = Number(fields['interval_minutes'] ?? Number.NaN);
  const asked = Number.isFinite(seconds) ? seconds : minutes * 60;
  return Number.isFinite(asked) && asked > 0 ? Math.round(asked) : null;
}

function resultOf(text: string | undefined): 'passed' | 'failed' | null {
  if (text === 'passed' || text === 'pass' || text === 'true' || text === 'True') return 'passed';
  return text === 'failed' || text === 'fail' || text === 'false' || text === 'False' ? 'failed' : null;
}

/** A monitor from the fields of its `test:` hash; null when there is none. */
function monitorFrom(test_id: string, fields: Readonly<Record<string, string>>): EarlierMonitor | null {
  if (Object.keys(fields).length === 0) return null;
  return {
    test_id,
    name: textOf(fields['name']),
    url: textOf(fields['url']),
    status: fields['status'] === 'paused' ? 'paused' : 'active',
    interval_seconds: intervalOf(fields),
    created_at: timeOf(fields['created_at']),
    last_result: resultOf(fields['last_result']),
    last_run_at: timeOf(fields['last_run_at']),
  };
}

/** The monitors whose `test:` hashes lie in Redis. */
export class RedisEarlierMonitors implements EarlierMonitors {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async find(testId: string): Promise<EarlierMonitor | null> {
    for (const layout of ['plain', 'tagged'] as const) {
      const key = keysOf(testId, layout).test;
      const isHash = await this.#redis.ask((client) => client.type(key));
      if (isHash !== 'hash') continue;
      const found = monitorFrom(testId, await this.#redis.ask((client) => client.hgetall(key)));
      if (found !== null) return found;
    }
    return null;
  }

  async *list(): AsyncGenerator<EarlierMonitor[]> {
    for (const node of this.#redis.nodes()) {
      let cursor = '0';
      do {
        const [next, keys] = await this.#redis.ask(() => node.scan(cursor, 'MATCH', 'test:*', 'COUNT', PAGE, 'TYPE', 'hash'));
        cursor = next;
        const ids = new Map(keys.flatMap((key) => [[key, monitorOf(key)] as const]));
        const read = await Promise.all(
          [...ids].map(async ([key, id]) => (id === null ? null : monitorFrom(id, await this.#redis.ask((client) => client.hgetall(key))))),
        );
        const found = read.filter((monitor) => monitor !== null);
        if (found.length > 0) yield found;
      } while (cursor !== '0');
    }
  }
}
