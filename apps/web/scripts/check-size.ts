// Prints the sizes of the built console against their budgets: node scripts/check-size.ts [folder of the build]
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sizesOf } from '../test/sizes.ts';

const folder = process.argv[2];
const dist = folder === undefined ? new URL('../dist/', import.meta.url) : pathToFileURL(`${resolve(folder)}/`);
const sizes = await sizesOf(dist);
for (const { name, bytes, max } of sizes) process.stdout.write(`${name}: ${(bytes / 1000).toFixed(1)} of ${max / 1000} kB gzip\n`);
const over = sizes.filter(({ bytes, max }) => bytes > max);
if (over.length > 0) throw new Error(over.map(({ name }) => `${name} is over its budget.`).join(' '));
