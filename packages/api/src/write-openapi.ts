import { readFile, writeFile } from 'node:fs/promises';
import { openApiDocument } from './rest/openapi.ts';

const FILE = new URL('../openapi.json', import.meta.url);

/** The document as it is committed. */
function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

export async function writeOpenApi(): Promise<void> {
  await writeFile(FILE, openApiText());
}

/** Whether the committed document is what the router says now. */
export async function isOpenApiCurrent(): Promise<boolean> {
  const committed = await readFile(FILE, 'utf8').catch(() => '');
  return committed === openApiText();
}
