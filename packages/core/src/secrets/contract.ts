import * as z from 'zod';
import { Counter, Id, text } from '../contract.ts';

export const SecretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be 1 to 64 capital letters, digits and "_", and begin with a letter, such as API_TOKEN');

/** A shorter value could not be kept out of outputs without making them unreadable. */
export const MIN_SECRET_CHARS = 8;
const MAX_SECRET_CHARS = 16_384;

export const Secret = z
  .object({
    name: z.string(),
    key_id: z.string().describe('Which key it is sealed with.'),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const ListSecretsInput = z.strictObject({});
export const ListSecretsOutput = z.object({ items: z.array(Secret), next_cursor: z.null() });
export const SetSecretInput = z.strictObject({
  name: SecretName,
  value: text(MAX_SECRET_CHARS, MIN_SECRET_CHARS)
    .refine((value) => value.isWellFormed(), { error: 'must be well-formed text' })
    .describe('Never shown again.'),
});
export type SetSecretInput = z.infer<typeof SetSecretInput>;
export const DeleteSecretInput = z.strictObject({ name: SecretName });
export const DeleteSecretOutput = z.object({ name: z.string(), deleted: z.literal(true) });
export const RotateSecretsInput = z.strictObject({});
export const RotateSecretsOutput = z.object({ key_id: z.string(), resealed: z.int() });

export const RevealSecretsInput = z.strictObject({ job_id: Id, lease_epoch: Counter });
export type RevealSecretsInput = z.infer<typeof RevealSecretsInput>;
export const RevealSecretsOutput = z.object({
  values: z.record(z.string(), z.string()).describe('Of the names that the payload refers to.'),
});
export type RevealSecretsOutput = z.infer<typeof RevealSecretsOutput>;

const REFERENCE = /\{\{secret\.([A-Z][A-Z0-9_]{0,63})\}\}/g;

/** The names that a text refers to as `{{secret.NAME}}`, each once. */
export function secretNamesIn(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map(([, name = '']) => name))];
}

/** The same value with references replaced in every text of it; names that are not given stay as they are. */
export function fillSecrets(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(REFERENCE, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole));
  if (Array.isArray(value)) return value.map((entry) => fillSecrets(entry, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fillSecrets(entry, values)]));
}
