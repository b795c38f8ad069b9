// Text that becomes a part of SQL by kysely's escapes: a constant, or in a place that is named below with its reason. All else is a parameter.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSourceFiles, root } from './source-files.ts';

/** What ships; tests and measurements write what SQL they like. */
const CHECKED = /^(?:packages|apps)\/(?!bench\/|chaos\/)[^/]+\/src\/(?!(?:.*\/)?testing\/|.*\.test\.ts$).*\.ts$/;
const ESCAPE =
  /\bsql(?:<[^()]*?>)?\s*\.\s*(raw|lit|literal|ref|table|id)\s*\(|\b(CompiledQuery\s*\.\s*raw)\s*\(|\bdynamic\s*\.\s*(?:ref|table)\s*\(/g;
/** Ways to an escape that the pattern above would not see. */
const DISGUISE = /\bsql\s+as\s+\w|\}\s*=\s*sql\s*[;,]|\bsql\s*\[|=\s*sql\s*[;,]/;
/** A literal, a constant of a module or the text of one that is a statement, or a template of these. */
const CONSTANT = /^(?:'[^'\n]*'|"[^"\n]*"|\d+|[A-Z][A-Z0-9_]*(?:\.text)?|`(?:[^`$]|\$\{[A-Z0-9_ *+]+\})*`)$/;

/** Where something that is no constant by its form may stand: the expressions, and why no text of a caller can be in them. */
const PLACES: readonly { readonly path: string; readonly allowed: readonly string[]; readonly reason: string }[] = [
  { path: 'adapters/pglite/index.ts', allowed: ['name'], reason: 'names of tables, read from the catalogue of the database' },
  { path: 'audit/record-audit.ts', allowed: ['statement.text'], reason: 'a statement of the same file' },
  { path: 'db/migrate.ts', allowed: ['next.text'], reason: 'the text of a migration, which is a file of the repository' },
  { path: 'demo/insert-rows.ts', allowed: ['name', 'table'], reason: 'tables and columns as the code of the demo names them' },
  { path: 'demo/remove-demo.ts', allowed: ['status'], reason: 'a final status, from the list of the code' },
  { path: 'failures/fingerprint.ts', allowed: ['reason', 'text'], reason: 'entries of a table in the same file' },
  { path: 'history/get-throughput.ts', allowed: ['name'], reason: 'a column for each scope, from a table of the code' },
  { path: 'outages/list-outages.ts', allowed: ['id'], reason: 'a column that the same file names' },
  {
    path: 'publications/move-publications.ts',
    allowed: ['name', 'CHANGEABLE[name]'],
    reason: 'columns and their types, of a table in the code; a name that is not in it has no type',
  },
  {
    path: 'publications/new-publications.ts',
    allowed: ['name', 'COLUMNS[name]'],
    reason: 'columns and their types, of a table in the code',
  },
  {
    path: 'publishing/check-publishing-drift.ts',
    allowed: [
      'column',
      'seconds',
      '`${side}.${column}`',
      '`kept_${column}`',
      '`true_${column}`',
      'key',
      'counter.table',
      'type',
      '`d.${column}`',
      '`c.${key}`',
      '`d.${key}`',
    ],
    reason: 'tables, columns and types of counters, which the code lists',
  },
  { path: 'publishing/count.ts', allowed: ['counted'], reason: 'columns of counters, which the code lists' },
  { path: 'publishing/read-window.ts', allowed: ['column'], reason: 'columns of counters, which the code lists' },
  { path: 'publishing/window-delta.ts', allowed: ['column'], reason: 'columns of counters, which the code lists' },
  { path: 'publishing/window.ts', allowed: ['column'], reason: 'a column of a time or a platform, which the caller in the code names' },
  { path: 'retention/remove-workloads.ts', allowed: ['status'], reason: 'the column of a final status, from the list of the code' },
  { path: 'retention/run-retention.ts', allowed: ['status'], reason: 'a final status, from the list of the code' },
  { path: 'stats/check-drift.ts', allowed: ['drift.column'], reason: 'a column of counters, which the code lists' },
  {
    path: 'workloads/list-workloads.ts',
    allowed: ["statuses[0] ?? ''"],
    reason: 'one of the five statuses, by the schema of the input; as a literal it lets the planner use a partial index',
  },
  { path: 'workloads/move-workload.ts', allowed: ['column'], reason: 'columns of counters, which the code lists' },
];

interface Found {
  readonly path: string;
  readonly line: number;
  readonly escape: string;
  readonly argument: string;
}

/** The first argument of the call whose parenthesis opens before `from`. */
function argumentAt(text: string, from: number): string {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if ('([{'.includes(text[at] ?? '')) depth += 1;
    if (')]}'.includes(text[at] ?? '')) depth -= 1;
    if (depth === 0 || (depth === 1 && text[at] === ',')) return text.slice(from, at).trim();
  }
  return text.slice(from);
}

function escapesOf(path: string): Found[] {
  const text = readFileSync(join(root, path), 'utf8');
  const lineOf = (index: number): number => text.slice(0, index).split('\n').length;
  const found = [...text.matchAll(ESCAPE)].map((match) => ({
    path,
    line: lineOf(match.index),
    escape: match[0].replace(/\s*\($/, ''),
    argument: argumentAt(text, match.index + match[0].length),
  }));
  const disguise = DISGUISE.exec(text);
  return disguise === null
    ? found
    : [...found, { path, line: lineOf(disguise.index), escape: disguise[0], argument: 'sql under another name' }];
}

const files = listSourceFiles().filter((path) => CHECKED.test(path));
const escapes = files.flatMap(escapesOf).filter(({ argument }) => !CONSTANT.test(argument));
const used = new Set<string>();
let count = 0;
for (const { path, line, escape, argument } of escapes) {
  const place = PLACES.find((each) => path === `packages/core/src/${each.path}` && each.allowed.includes(argument));
  if (place !== undefined) {
    used.add(`${place.path}: ${argument}`);
    continue;
  }
  count += 1;
  console.error(
    `${path}:${line}: ${escape}(${argument.slice(0, 80)}) puts text into SQL. Make it a parameter, or name the place and its reason here.`,
  );
}
for (const place of PLACES.flatMap((each) => each.allowed.map((argument) => `${each.path}: ${argument}`))) {
  if (used.has(place)) continue;
  count += 1;
  console.error(`${place} is no more; take it out of scripts/check-sql.ts.`);
}
console.log(`${files.length} files, ${PLACES.length} named places, ${count} problems`);
if (files.length === 0 || count > 0) process.exitCode = 1;
