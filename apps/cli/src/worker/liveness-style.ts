import type { Liveness } from '@tidemark/core/workers/contract';
import type { Terminal } from '../terminal.ts';

const STYLES = { online: 'green', late: 'yellow', lost: 'red', draining: 'cyan', stopped: 'gray' } as const satisfies Record<
  Liveness,
  string
>;

/** A liveness in its colour; `text` is what is shown, the liveness itself unless told. */
export function styleLiveness(terminal: Terminal, liveness: Liveness, text: string = liveness): string {
  return terminal.style(STYLES[liveness], text);
}
