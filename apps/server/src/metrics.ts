import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the engine counts; names without prefix, in snake_case. */
export type EngineNumbers = () => Readonly<Record<string, number>>;

/** The numbers of `/metrics`, in a registry of their own: several servers may live in one process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'route' | 'status'>;
  readonly #gauges = new Map<string, Gauge>();
  readonly #engine: EngineNumbers;

  constructor(engine: EngineNumbers) {
    this.#engine = engine;
    collectDefaultMetrics({ register: this.#registry, prefix: 'tidemark_' });
    this.#requests = new Histogram({
      name: 'tidemark_http_request_duration_seconds',
      help: 'Time until the answer was ready, by procedure and status.',
      labelNames: ['route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers: [this.#registry],
    });
  }

  observe(route: string, status: number, seconds: number): void {
    this.#requests.observe({ route, status }, seconds);
  }

  async text(): Promise<string> {
    for (const [name, value] of Object.entries(this.#engine())) {
      const gauge =
        this.#gauges.get(name) ?? new Gauge({ name: `tidemark_${name}`, help: name.replaceAll('_', ' '), registers: [this.#registry] });
      this.#gauges.set(name, gauge);
      gauge.set(value);
    }
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
