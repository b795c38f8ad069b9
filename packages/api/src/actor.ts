import type { Role } from '@tidemark/core/access/contract';

/** Who is calling. `role` is null for a caller without credentials where credentials are required. */
export interface Actor {
  readonly kind: 'open' | 'key' | 'user' | 'anonymous';
  /** Of the key or the person. */
  readonly id: string | null;
  readonly role: Role | null;
  /** The key's name, or the person's e-mail address. */
  readonly name: string | null;
  /** Of a person. */
  readonly session_id: string | null;
  /** Of a key: the one it was rotated from, and all in between, have the same. */
  readonly key_family: string | null;
  /** What a key is limited to; null: no limit. */
  readonly queues: readonly string[] | null;
  readonly kinds: readonly string[] | null;
  /** False: payloads and outputs of workloads are withheld, and what targets answered to monitors. */
  readonly sees_payloads: boolean;
}

/** An actor with what is not given left at "no limit". */
export function actorOf(given: Pick<Actor, 'kind' | 'id' | 'role'> & Partial<Actor>): Actor {
  return { name: null, session_id: null, key_family: null, queues: null, kinds: null, sees_payloads: true, ...given };
}
