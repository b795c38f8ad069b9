import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';

const Manifest = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    imports: z.array(z.string()).optional(),
    isDynamicEntry: z.boolean().optional(),
  }),
);
type Manifest = z.infer<typeof Manifest>;

const INITIAL_MAX = 250_000;
const ROUTE_MAX = 80_000;

export interface Size {
  name: string;
  bytes: number;
  max: number;
}

/** A chunk and everything it imports at once. */
function closure(manifest: Manifest, key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunk.imports ?? []) closure(manifest, imported, seen);
  return seen;
}

/** Scripts of a build as they travel: what every page needs first, then what each lazy part adds to it. */
export async function sizesOf(dist: URL): Promise<Size[]> {
  const manifest = Manifest.parse(JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8')));
  const gzipped = async (keys: readonly string[]): Promise<number> => {
    const files = keys.flatMap((key) => manifest[key]?.file ?? []).filter((file) => file.endsWith('.js'));
    const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry === true);
  if (entry === undefined) throw new Error('the build has no entry');
  const initial = closure(manifest, entry);
  const sizes: Size[] = [{ name: 'initial', bytes: await gzipped([...initial]), max: INITIAL_MAX }];
  for (const [name, { isDynamicEntry }] of Object.entries(manifest)) {
    if (isDynamicEntry !== true) continue;
    const added = [...closure(manifest, name)].filter((key) => !initial.has(key));
    sizes.push({ name, bytes: await gzipped(added), max: ROUTE_MAX });
  }
  return sizes;
}
