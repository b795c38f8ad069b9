// Prints the sizes of the built console against their budgets.
import { sizesOf } from '../test/sizes.ts';

const sizes = await sizesOf(new URL('../dist/', import.meta.url));
for (const { name, bytes, max } of sizes) process.stdout.write(`${name}: ${(bytes / 1000).toFixed(1)} of ${max / 1000} kB gzip\n`);
const over = sizes.filter(({ bytes, max }) => bytes > max);
if (over.length > 0) throw new Error(over.map(({ name }) => `${name} is over its budget.`).join(' '));
