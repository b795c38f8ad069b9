import type { ServerResponse } from 'node:http';
import type { Actor } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import type { AccessGate } from './access-gate.ts';
import type { Caller } from './edge/caller.ts';

/** Streams end within five seconds: this, the second the gate believes what it knows, and the time to tell. */
const CHECK_MS = 2000;

/** A request that lasts, and who it was let in as. */
export interface LastingCall {
  readonly request: Request;
  readonly caller: Caller;
  readonly actor: Actor;
  readonly outgoing: ServerResponse;
}

interface Watched extends LastingCall {
  readonly lost: AbortController;
}

function isSame(left: Actor, right: Actor): boolean {
  return (
    left.kind === right.kind &&
    left.id === right.id &&
    left.role === right.role &&
    left.session_id === right.session_id &&
    left.sees_payloads === right.sees_payloads
  );
}

/** Judges again, every two seconds, who reads a live stream: a revoked key, an ended session and a server that closed end it. */
export class AccessWatch {
  readonly #gate: AccessGate;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #isChecking = false;

  constructor(gate: AccessGate) {
    this.#gate = gate;
  }

  /** Aborts once the request would no longer be let in as this actor. Watched until the response ends. */
  lost(call: LastingCall): AbortSignal {
    const entry: Watched = { ...call, lost: new AbortController() };
    this.#watched.add(entry);
    call.outgoing.once('close', () => this.#forget(entry));
    this.#timer ??= setInterval(() => void this.#check(), CHECK_MS).unref();
    return entry.lost.signal;
  }

  #forget(entry: Watched): void {
    this.#watched.delete(entry);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    for (const entry of this.#watched) {
      if (await this.#isLost(entry)) {
        this.#forget(entry);
        entry.lost.abort();
      }
    }
    this.#isChecking = false;
  }

  async #isLost({ request, caller, actor }: Watched): Promise<boolean> {
    try {
      return !isSame(actor, await this.#gate.actorOf(request, caller));
    } catch (error) {
      // A database that is away for a moment says nothing about who may stay.
      return error instanceof AppError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN');
    }
  }
}
