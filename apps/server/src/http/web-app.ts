import { refusalAnswer } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import { fileAnswer } from './static-files.ts';

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tidemark</title></head>
<body><h1>Tidemark is running</h1>
<p>The web app is not built yet: run <code>npm start</code>, or <code>pnpm --filter @tidemark/web build</code>, and reload.</p>
<p>The API works: see the <a href="/docs">API reference</a> and <a href="/readyz">its state</a>.</p></body></html>
`;

/** The web app: its files, and its page for every path a person may have typed or bookmarked. */
export async function webAnswer(root: string, request: Request, path: string): Promise<Response> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead) return refusalAnswer(new AppError('NOT_FOUND', 'There is no such path. The API is described at /openapi.json.'));
  const file = path === '/' ? null : await fileAnswer(root, path);
  if (file !== null) return file;
  const wantsPage = path === '/' || (request.headers.get('accept')?.includes('text/html') === true && !/\.[a-z0-9]{1,8}$/i.test(path));
  if (!wantsPage) return refusalAnswer(new AppError('NOT_FOUND', 'There is no such path. The API is described at /openapi.json.'));
  const page = await fileAnswer(root, '/index.html');
  return page ?? new Response(NOT_BUILT, { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } });
}
