import type { StreamEvent } from '@tidemark/core/events/contract';
import { MAX_OUTPUT_BYTES, type Workload } from '@tidemark/core/workloads/contract';
import { plain } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Where a workload's standard output goes; its errors and log lines always go to stderr. */
export type OutputTarget = 'stdout' | 'stderr';

/** Prints what a workload writes while it runs, and at the end what its result holds beyond that. */
export class LiveOutput {
  readonly #terminal: Terminal;
  readonly #target: OutputTarget;
  #attempt: unknown = null;
  #seen = '';

  constructor(terminal: Terminal, target: OutputTarget = 'stdout') {
    this.#terminal = terminal;
    this.#target = target;
  }

  async show(event: StreamEvent): Promise<void> {
    if (event.type === 'gap' || event.type === 'lagged') {
      await this.#terminal.message('Some of the live output is no longer kept; what follows is complete again.');
      return;
    }
    if (event.type !== 'output') return;
    const { attempt, stream, text } = event.data;
    if (typeof text !== 'string') return;
    if (attempt !== this.#attempt) await this.#startAttempt(attempt);
    if (stream !== 'log' && this.#seen.length <= MAX_OUTPUT_BYTES) this.#seen += text;
    if (stream === 'stdout' && this.#target === 'stdout') await this.#terminal.data(text);
    else await this.#terminal.errorOutput(stream === 'log' && !text.endsWith('\n') ? `${text}\n` : text);
  }

  /** The result of a workload that was not streamed: the return value of a script, the output of an executor elsewhere. */
  async finish(workload: Pick<Workload, 'kind' | 'output'>): Promise<void> {
    const rest = unseenOutput(workload, this.#seen);
    if (rest === '') return;
    const line = rest.endsWith('\n') ? rest : `${rest}\n`;
    await (this.#target === 'stdout' ? this.#terminal.data(line) : this.#terminal.errorOutput(line));
  }

  async #startAttempt(attempt: unknown): Promise<void> {
    if (this.#attempt !== null) await this.#terminal.message(`Attempt ${plain(String(attempt))}:`);
    this.#attempt = attempt;
    this.#seen = '';
  }
}

/** What `output` says that the live chunks did not. A command's output is its chunks, so there is nothing left of it. */
export function unseenOutput(workload: Pick<Workload, 'kind' | 'output'>, seen: string): string {
  const output = workload.output ?? '';
  if (seen === '') return output;
  if (workload.kind === 'command' || seen.length > MAX_OUTPUT_BYTES || seen.endsWith(output)) return '';
  return output.startsWith(seen) ? output.slice(seen.length) : output;
}
