import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import { usage } from './failure.ts';
import { parseDuration } from './duration.ts';
import type { Io } from './terminal.ts';

export function durationArgument(value: string): number {
  const ms = parseDuration(value);
  if (ms === null) throw new InvalidArgumentError('Write it with a unit, such as 500ms, 30s, 5m, 2h or 1h30m.');
  return ms;
}

export function integerArgument(value: string): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.');
  return number;
}

/** Collects `name=value` pairs of a repeated option. */
export function pairArgument(value: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value.');
  return { ...previous, [value.slice(0, at)]: value.slice(at + 1) };
}

/** Collects the values of a repeated option; one value may hold several, separated by commas. */
export function listArgument(value: string, previous: readonly string[] = []): string[] {
  return [...previous, ...value.split(',').map((part) => part.trim())];
}

export function urlArgument(value: string): string {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:3000.');
  return value.replace(/\/+$/, '');
}

/** The text an option stands for: itself, the file of `@file`, or standard input for `@-`. */
export async function readText(io: Io, option: string, value: string): Promise<string> {
  return value.startsWith('@') ? readSource(io, option, value.slice(1)) : value;
}

/** The text of a file, or of standard input for `-`. */
export async function readSource(io: Io, option: string, path: string): Promise<string> {
  if (path === '-') return readAll(io.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : 'the file cannot be read';
    throw usage(option, `${path}: ${reason}.`);
  }
}

/** The JSON an option holds (`{"a":1}`, `@file` or `@-`). */
export async function readJson(io: Io, option: string, value: string): Promise<unknown> {
  const source = await readText(io, option, value);
  try {
    return JSON.parse(source);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it cannot be parsed';
    throw usage(option, `is not JSON: ${reason}`);
  }
}
