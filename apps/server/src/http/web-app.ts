import { refusalAnswer } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileAnswer } from './static-files.ts';

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tidemark</title></head>
<body><h1>Tidemark is running</h1>
<p>The web app is not built yet: run <code>npm start</code>, or <code>pnpm --filter @tidemark/web build</code>, and reload.</p>
<p>The API works: see the <a href="docs">API reference</a> and <a href="readyz">its state</a>.</p></body></html>
`;

const PAGE_HEADERS = { 'content-type': 'text/html; charset=utf-8' };

/** The page with the path it is served under, to which all its own links are relative. */
async function pageAnswer(root: string, basePath: string): Promise<Response> {
  const page = await readFile(join(root, 'index.html'), 'utf8').catch(() => null);
  const based = (page ?? NOT_BUILT).replace(/<head>/i, `<head>\n    <base href="${basePath}/" />`);
  return new Response(based, { headers: { ...PAGE_HEADERS, 'cache-control': page === null ? 'no-store' : 'no-cache' } });
}

/** The web app: its files, and its page for every path a person may have typed or bookmarked. */
export async function webAnswer(
  request: Request,
  { root, path, base_path }: { root: string; path: string; base_path: string },
): Promise<Response> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead) return refusalAnswer(new AppError('NOT_FOUND', 'There is no such path. The API is described at /openapi.json.'));
  const file = path === '/' || path === '/index.html' ? null : await fileAnswer(root, path);
  if (file !== null) return file;
  const wantsPage =
    path === '/' ||
    path === '/index.html' ||
    (request.headers.get('accept')?.includes('text/html') === true && !/\.[a-z0-9]{1,8}$/i.test(path));
  if (!wantsPage) return refusalAnswer(new AppError('NOT_FOUND', 'There is no such path. The API is described at /openapi.json.'));
  return pageAnswer(root, base_path);
}
