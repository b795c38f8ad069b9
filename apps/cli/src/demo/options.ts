import type { Command } from 'commander';
import { integerArgument } from '../arguments.ts';

export interface DemoOptions {
  demoPort: number;
  seed?: number;
  days?: number;
  force?: boolean;
}

/** Where the demo's monitors and platforms point, so that a later start finds them there again. */
const TARGET_PORT = 4310;

export function addDemoOptions(command: Command): Command {
  return command
    .option('--demo-port <number>', 'demo: where it answers its own checks, on this machine only', integerArgument, TARGET_PORT)
    .option('--seed <number>', 'demo: other data; the same number makes the same', integerArgument)
    .option('--days <number>', 'demo: how far back the data goes (default: 30)', integerArgument)
    .option('--force', 'demo: load it beside what is in the database already');
}

/** What the server is told to do about demo data. */
export function demoArgs(options: DemoOptions, target: string | null): string[] {
  return [
    '--demo',
    'load',
    ...(target === null ? [] : ['--demo-target', target]),
    ...(options.seed === undefined ? [] : ['--demo-seed', String(options.seed)]),
    ...(options.days === undefined ? [] : ['--demo-days', String(options.days)]),
    ...(options.force === true ? ['--demo-force'] : []),
  ];
}
