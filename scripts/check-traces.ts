// No file may carry the machine it was made on: folders of a developer, or the host packages came from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSourceFiles, root } from './source-files.ts';

const TRACES = [
  { name: 'absolute machine path', pattern: /(?:^|[^A-Za-z0-9_.])\/(?:work|root|farm)\// },
  {
    name: 'package registry host',
    pattern: /registry\.(?:npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\.|deb\.debian\.org|resolution:.*tarball: https?:/,
  },
  { name: 'conflict marker', pattern: /^(?:<{7}|>{7}) / },
];
const BINARY = /\.(png|jpg|jpeg|gif|ico|woff2?|xlsx|gz)$/;

const files = listSourceFiles().filter((path) => !BINARY.test(path));
let count = 0;
for (const path of files) {
  for (const [index, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    for (const { name, pattern } of TRACES) {
      if (!pattern.test(line)) continue;
      count += 1;
      console.error(`${path}:${index + 1}: ${name}: ${line.trim().slice(0, 120)}`);
    }
  }
}
console.log(`${files.length} files, ${count} traces`);
if (files.length === 0 || count > 0) process.exitCode = 1;
