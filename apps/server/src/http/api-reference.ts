import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileAnswer } from './static-files.ts';

const require = createRequire(import.meta.url);
const ASSETS = dirname(require.resolve('swagger-ui-dist/package.json'));
const SERVED = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']);

const page = (basePath: string): string => `<!doctype html>
<html lang="en">
<head>
<base href="${basePath}/">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<main id="api"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** The API reference, all of it from this origin; null for a path that is not part of it. */
export async function referenceAnswer(path: string, basePath: string): Promise<Response | null> {
  const name = path.slice('/docs'.length);
  if (name === '' || name === '/')
    return new Response(page(basePath), { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' } });
  if (name === '/start.js')
    return new Response(START, { headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' } });
  return SERVED.has(name) ? fileAnswer(ASSETS, name) : null;
}
