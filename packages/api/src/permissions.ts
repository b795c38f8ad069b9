import { actorOf, type Actor } from './actor.ts';
import { ROUTES } from './rest/routes.ts';
import { limitProblem, roleProblem } from './trpc.ts';

/** Who may call: nobody in particular, the roles, and an operator's key that is limited to some queues or kinds. */
export const CALLERS = {
  anonymous: actorOf({ kind: 'anonymous', id: null, role: null }),
  viewer: actorOf({ kind: 'key', id: 'key_viewer', role: 'viewer' }),
  operator: actorOf({ kind: 'key', id: 'key_operator', role: 'operator' }),
  admin: actorOf({ kind: 'key', id: 'key_admin', role: 'admin' }),
  worker: actorOf({ kind: 'key', id: 'key_worker', role: 'worker' }),
  limited: actorOf({ kind: 'key', id: 'key_limited', role: 'operator', queues: ['default'] }),
} as const satisfies Record<string, Actor>;

export type Caller = keyof typeof CALLERS;
const CALLER_NAMES = Object.keys(CALLERS) as Caller[];

/** One procedure and who may call it. */
export interface Permission {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly allowed: readonly Caller[];
}

/** Every procedure of the router with its callers, as the guard judges them. */
export function permissions(): Permission[] {
  return ROUTES.map(({ name, meta }) => ({
    name,
    method: meta.method,
    path: meta.path,
    allowed: CALLER_NAMES.filter((caller) => (roleProblem(CALLERS[caller], meta.role) ?? limitProblem(CALLERS[caller], meta)) === null),
  }));
}

/** The table as a page of the documentation. */
export function permissionsPage(): string {
  const row = ({ name, method, path, allowed }: Permission): string =>
    `| \`${name}\` | \`${method} ${path}\` | ${CALLER_NAMES.map((caller) => (allowed.includes(caller) ? 'yes' : '–')).join(' | ')} |`;
  return `# Who may call what

Written by \`scripts/write-openapi.ts\` from the router; a test calls every procedure as every caller on a running server and
compares. *Limited* is an operator's key that is limited to some queues or kinds; see [access](access.md).

| procedure | REST | ${CALLER_NAMES.join(' | ')} |
|---|---|${CALLER_NAMES.map(() => '---|').join('')}
${permissions().map(row).join('\n')}
`;
}
