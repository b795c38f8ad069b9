import { readFile, writeFile } from 'node:fs/promises';
import { permissionsPage } from './permissions.ts';
import { openApiDocument } from './rest/openapi.ts';

/** What is written from the router and committed. */
const FILES = [
  { url: new URL('../openapi.json', import.meta.url), text: () => `${JSON.stringify(openApiDocument(), null, 2)}\n` },
  { url: new URL('../../../docs/permissions.md', import.meta.url), text: permissionsPage },
];

/** Writes the OpenAPI document and the table of permissions. */
export async function writeOpenApi(): Promise<void> {
  for (const { url, text } of FILES) await writeFile(url, text());
}

/** Whether the committed files are what the router says now. */
export async function isOpenApiCurrent(): Promise<boolean> {
  const current = await Promise.all(FILES.map(async ({ url, text }) => (await readFile(url, 'utf8').catch(() => '')) === text()));
  return current.every(Boolean);
}
