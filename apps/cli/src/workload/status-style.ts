import type { WorkloadStatus } from '@tidemark/core/workloads/contract';
import type { Terminal } from '../terminal.ts';

const STYLES = { pending: 'yellow', running: 'cyan', completed: 'green', failed: 'red', cancelled: 'gray' } as const satisfies Record<
  WorkloadStatus,
  string
>;

/** A status in its colour; `text` is what is shown, the status itself unless told. */
export function styleStatus(terminal: Terminal, status: WorkloadStatus, text: string = status): string {
  return terminal.style(STYLES[status], text);
}
