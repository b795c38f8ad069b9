import type { ServerResponse } from 'node:http';
import type { Actor } from '@tidemark/api/server';
import { ACCESS_TOPIC, readAccessVersion } from '@tidemark/core/access';
import { AppError } from '@tidemark/core/errors';
import type { CoreContext } from '@tidemark/core/ports';
import type { AccessGate } from './access-gate.ts';
import type { Caller } from './edge/caller.ts';

/** The net under lost wake-ups: streams end within five seconds also when nobody here heard of the change. */
const LOOK_MS = 4000;
/** What no change announces, such as a session nobody used for long, shows within this. */
const JUDGE_MS = 60_000;

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

/**
 * Judges again who reads a live stream whenever keys, people or sessions changed: a revoked key, an ended session and a server that
 * closed end it. One small statement every four seconds while there are streams, whatever their number.
 */
export class AccessWatch {
  readonly #gate: AccessGate;
  readonly #core: CoreContext;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #isJudging = false;
  #isDue = false;
  #version: string | null = null;
  #judgedAt = 0;

  constructor(gate: AccessGate, core: CoreContext) {
    this.#gate = gate;
    this.#core = core;
    core.hub.listen(ACCESS_TOPIC, () => this.#judgeSoon());
  }

  /** Aborts once the request would no longer be let in as this actor. Watched until the response ends. */
  lost(call: LastingCall): AbortSignal {
    // Its answer is over: nobody would tell when to forget it.
    if (call.outgoing.closed) return AbortSignal.abort();
    const entry: Watched = { ...call, lost: new AbortController() };
    this.#watched.add(entry);
    call.outgoing.once('close', () => this.#forget(entry));
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return entry.lost.signal;
  }

  #forget(entry: Watched): void {
    this.#watched.delete(entry);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#version = null;
  }

  async #look(): Promise<void> {
    // A database that is away for a moment says nothing about who may stay.
    const version = await readAccessVersion(this.#core).catch(() => this.#version);
    if (version === this.#version && performance.now() - this.#judgedAt < JUDGE_MS) return;
    this.#version = version;
    this.#judgeSoon();
  }

  /** One round at a time; what changes during one is judged by another. */
  #judgeSoon(): void {
    this.#isDue = true;
    if (!this.#isJudging) void this.#judge();
  }

  async #judge(): Promise<void> {
    this.#isJudging = true;
    while (this.#isDue) {
      this.#isDue = false;
      this.#judgedAt = performance.now();
      this.#gate.forget();
      for (const entry of this.#watched) {
        if (!(await this.#isLost(entry))) continue;
        this.#forget(entry);
        entry.lost.abort();
      }
    }
    this.#isJudging = false;
  }

  async #isLost({ request, caller, actor }: Watched): Promise<boolean> {
    try {
      return !isSame(actor, await this.#gate.actorOf(request, caller));
    } catch (error) {
      return error instanceof AppError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN');
    }
  }
}
