// Prose cites paths, links and commands; each of them must exist.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { listSourceFiles, root } from './source-files.ts';

const LINK = /\]\(([^()\s]+)\)/g;
const CODE_SPAN = /`([^`\n]+)`/g;
/** Paths with a placeholder (`<noun>`, `*`, `…`) do not match. */
const PATH = /^(?:apps|packages|docs|scripts|\.ci)\/[\w./-]+$/;
const COMMAND = /^(?:npm run|pnpm(?: run)?) ([a-z][\w:-]*)/;
/** A link to a file of tests with titles of tests after it: [jobs.test.ts](…): “title”, “title”. */
const PROOF = /\]\(([^()\s]+\.test\.tsx?)\): (“[^”]+”(?:, “[^”]+”)*)/g;
/** Words after `pnpm` that are its own. */
const PNPM_OWN = new Set(['install', 'i', 'exec', 'add', 'dlx']);

const scripts = new Set(Object.keys(readScripts()));
const files = new Set(listSourceFiles());
const pages = [...files].filter((path) => path.endsWith('.md'));
const problems: string[] = [];
let count = 0;

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const prose = text.replaceAll(/^```[^]*?^```/gm, '');
  for (const [, target = ''] of prose.matchAll(LINK)) checkLink(page, target);
  for (const [, code = ''] of prose.matchAll(CODE_SPAN)) checkCode(page, code);
  for (const [, target = '', titles = ''] of prose.matchAll(PROOF)) checkTitles(page, target, titles);
  for (const [fence] of text.matchAll(/^```[^]*?^```/gm)) for (const line of fence.split('\n')) checkCommand(page, line.trim());
}

for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${count} links, paths, commands and tests, ${problems.length} dead`);
if (pages.length === 0 || problems.length > 0) process.exitCode = 1;

function readScripts(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  return manifest.scripts;
}

function checkLink(page: string, target: string): void {
  if (/^[a-z]+:/.test(target)) return;
  count += 1;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!isPresent(file)) {
    problems.push(`${page}: the link ${target} leads nowhere`);
    return;
  }
  if (anchor !== undefined && file.endsWith('.md') && !readAnchors(file).has(anchor))
    problems.push(`${page}: ${file} has no heading #${anchor}`);
}

/** Each title must stand in the file as one: quoted, and given to a test. */
function checkTitles(page: string, target: string, titles: string): void {
  const file = normalize(join(dirname(page), target));
  const source = isPresent(file) ? readFileSync(join(root, file), 'utf8') : '';
  for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) {
    count += 1;
    const isThere = ["('", " '", '(`', ' `'].some((before) => source.includes(`${before}${title}${before.slice(1)},`));
    if (!isThere) problems.push(`${page}: ${file} has no test “${title}”`);
  }
}

function checkCode(page: string, code: string): void {
  checkCommand(page, code);
  if (!PATH.test(code)) return;
  count += 1;
  if (!isPresent(code)) problems.push(`${page}: ${code} does not exist`);
}

function checkCommand(page: string, line: string): void {
  const name = COMMAND.exec(line)?.[1];
  if (name === undefined || PNPM_OWN.has(name)) return;
  count += 1;
  if (!scripts.has(name)) problems.push(`${page}: package.json has no script "${name}"`);
}

/** A file that is part of the repository, or a folder that holds one. */
function isPresent(path: string): boolean {
  const plain = path.replace(/\/$/, '');
  return files.has(plain) || (existsSync(join(root, plain)) && [...files].some((file) => file.startsWith(`${plain}/`)));
}

/** The anchors a forge gives to the headings of a page. */
function readAnchors(page: string): Set<string> {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
