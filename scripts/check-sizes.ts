// A file that outgrows the limit misses a verb or a noun.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSourceFiles, root } from './source-files.ts';

const MAX_LINES = 400;
const SOURCE = /\.(ts|tsx|mjs|js|css|sql)$/;
/** The dumped schema is as long as the schema. */
const GENERATED = /(^|\/)schema\.sql$|\.gen\.ts$/;

const sources = listSourceFiles().filter((path) => SOURCE.test(path) && !GENERATED.test(path));
const sizes = sources.map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }));
const tooLong = sizes.filter(({ lines }) => lines > MAX_LINES);

for (const { path, lines } of tooLong) console.error(`${path}: ${lines} lines, at most ${MAX_LINES}`);
const longest = Math.max(0, ...sizes.map(({ lines }) => lines));
console.log(`${sources.length} source files, the longest has ${longest} lines`);
if (sources.length === 0 || tooLong.length > 0) process.exitCode = 1;
