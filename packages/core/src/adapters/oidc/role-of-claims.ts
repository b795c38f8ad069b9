import type { UserRole } from '../../users/contract.ts';

/** Which values of a claim make whom; `default_role` is that of everybody else, null: they stay out. */
export interface RoleMapping {
  /** The claim's name, or its path with dots; null: roles are given in Tidemark. */
  readonly role_claim: string | null;
  readonly admin_values: readonly string[];
  readonly operator_values: readonly string[];
  readonly viewer_values: readonly string[];
  readonly default_role: UserRole | null;
}

type Claims = Readonly<Record<string, unknown>>;

function stepInto(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined;
}

/** The claim of exactly this name (they may hold dots), else what lies at the path; undefined when there is neither. */
export function claimAt(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce(stepInto, claims as unknown);
}

/** The highest role that a value of the claim stands for: a text is one value, a list each of its texts. */
export function roleOfClaims(claims: Claims, mapping: RoleMapping): UserRole | null {
  if (mapping.role_claim === null) return mapping.default_role;
  const claim = claimAt(claims, mapping.role_claim);
  const values = new Set<unknown>(Array.isArray(claim) ? claim : [claim]);
  const has = (wanted: readonly string[]): boolean => wanted.some((value) => values.has(value));
  if (has(mapping.admin_values)) return 'admin';
  if (has(mapping.operator_values)) return 'operator';
  return has(mapping.viewer_values) ? 'viewer' : mapping.default_role;
}
