import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { EXIT } from '../src/exit-code.ts';
import { buildProgram } from '../src/program.ts';
import { Session } from '../src/session.ts';

const PAGE = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url));
const page = await readFile(PAGE, 'utf8');

interface Entry {
  path: string;
  command: Command;
}

function entries(command: Command, path: readonly string[] = []): Entry[] {
  return command.commands.flatMap((child) => {
    const childPath = [...path, child.name()];
    return [{ path: childPath.join(' '), command: child }, ...entries(child, childPath)];
  });
}

const program = buildProgram(new Session(process));
const commands = entries(program);
const GLOBAL_OPTIONS = /\nGlobal Options:\n(?: .*\n)+/;

/** Help as the page shows it: without the global options, which it shows once. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.replace(GLOBAL_OPTIONS, '').trimEnd();
}

test('the page shows the help of every command as it is (refresh it with vitest -u)', async () => {
  const shown = page.replaceAll(/<!-- help: (.*?) -->\n```text\n[\s\S]*?```/g, (_block, path: string) => {
    const command = path === 'tidemark' ? program : commands.find((entry) => entry.path === path)?.command;
    return `<!-- help: ${path} -->\n\`\`\`text\n${command === undefined ? 'no such command' : helpOf(command)}\n\`\`\``;
  });
  await expect(shown).toMatchFileSnapshot(PAGE);
});

test.each(commands.map((entry) => entry.path))('the page has help and an example of %s', (path) => {
  expect(page).toContain(`<!-- help: ${path} -->`);
  expect(page).toMatch(new RegExp(`^\\$ (?:.*\\| )?tidemark ${path}\\b`, 'm'));
});

test('every option used in an example of the page exists', () => {
  const unknown = [...page.matchAll(/^\$ .*?tidemark (.*)$/gm)].flatMap(([, line = '']) => {
    const words = (line.split(' -- ')[0] ?? '').split(/ [|>] /)[0]?.split(' ') ?? [];
    const command = commands.findLast((entry) => `${words.join(' ')} `.startsWith(`${entry.path} `))?.command ?? program;
    const known = new Set(['--help', ...[...program.options, ...command.options].map((option) => option.long)]);
    return words.filter((word) => word.startsWith('--') && !known.has(word)).map((word) => `${word} in: ${line}`);
  });
  expect(unknown).toEqual([]);
});

test.each(Object.values(EXIT))('the page explains exit code %d', (code) => {
  expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
});
