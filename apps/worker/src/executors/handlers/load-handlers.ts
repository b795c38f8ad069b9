import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Handlers } from '@tidemark/sdk';

function isHandlers(value: unknown): value is Handlers {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (handler: unknown) =>
      typeof handler === 'object' && handler !== null && 'payload' in handler && 'run' in handler && typeof handler.run === 'function',
  );
}

/** Loads a module whose default export, or export `handlers`, was made with `defineHandlers`. @throws with what is wrong with it. */
export async function loadHandlers(path: string): Promise<Handlers> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  const found = module['default'] ?? module['handlers'];
  if (isHandlers(found)) return found;
  throw new Error(`${path} must export, as default or as "handlers", what defineHandlers() returns.`);
}
