import type { Console } from './console.ts';

interface Claimed {
  job_id: string;
  lease_epoch: number;
}

/** An agent that speaks plain REST and reports what it is told to: a worker whose pace a test decides. */
export class Agent {
  readonly id: string;
  readonly kind: string;
  #url: string;

  private constructor(url: string, id: string, kind: string) {
    this.#url = url;
    this.id = id;
    this.kind = kind;
  }

  static async register(
    app: Pick<Console, 'url'>,
    { name, kind, type = 'scanner' }: { name: string; kind: string; type?: string },
  ): Promise<Agent> {
    const body = { name, worker_type: type, version: '1.0.0', isolations: ['process'], kinds: [kind], queues: ['default'], slots: 4 };
    const { worker_id } = await post<{ worker_id: string }>(`${app.url}/v1/workers`, body);
    return new Agent(app.url, worker_id, kind);
  }

  async claim(): Promise<Claimed> {
    const { jobs } = await post<{ jobs: Claimed[] }>(`${this.#url}/v1/jobs/claim`, { worker_id: this.id, max: 1, wait_ms: 5000 });
    const [job] = jobs;
    if (job === undefined) throw new Error(`no job of kind ${this.kind} was there to claim`);
    return job;
  }

  /** Reports an interval of one second that got through so many keys. */
  async checkpoint(
    { job_id, lease_epoch }: Claimed,
    { keys, done, total }: { keys: number; done?: number; total?: number },
  ): Promise<void> {
    const progress = total === undefined ? {} : { progress: { done: done ?? keys, total } };
    const started_at = new Date(Date.now() - 1000).toISOString();
    await post(`${this.#url}/v1/jobs/${job_id}/checkpoint`, {
      lease_epoch,
      started_at,
      duration_ms: 1000,
      keys_scanned: keys,
      cursor: { at: done ?? keys },
      ...progress,
    });
  }

  async beat(leases: Claimed[] = [], isStopped = false): Promise<void> {
    await post(`${this.#url}/v1/workers/${this.id}/heartbeat`, {
      leases: leases.map(({ job_id, lease_epoch }) => ({ job_id, lease_epoch })),
      ...(isStopped ? { stopped: true } : {}),
    });
  }
}

export async function post<Answer = unknown>(url: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
