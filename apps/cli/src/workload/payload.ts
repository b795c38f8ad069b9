import { readJson, readSource, readText } from '../arguments.ts';
import { CommandError, usage } from '../failure.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../terminal.ts';

export interface WorkOptions {
  shell?: string;
  script?: string;
  kind?: string;
  payload?: string;
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
}

export interface Work {
  kind: string;
  payload: unknown;
}

const FORMS = 'Say what to run in one way: "-- command args", --shell, --script, or --kind with --payload.';

/** What to run, from the one form given on the command line. */
export async function readWork(io: Io, argv: readonly string[], options: WorkOptions): Promise<Work> {
  const forms = [
    argv.length > 0 ? '-- command' : null,
    options.shell === undefined ? null : '--shell',
    options.script === undefined ? null : '--script',
    options.kind === undefined && options.payload === undefined ? null : '--kind',
  ].filter((form) => form !== null);
  if (forms.length === 0) throw new CommandError({ code: 'VALIDATION', message: `Nothing to run. ${FORMS}` }, EXIT.usage);
  if (forms.length > 1)
    throw new CommandError({ code: 'VALIDATION', message: `${forms.join(' and ')} do not go together. ${FORMS}` }, EXIT.usage);
  refuseStrays(forms[0] ?? '', options);
  if (options.script !== undefined) return scriptWork(io, options.script, options);
  if (options.kind !== undefined || options.payload !== undefined) return namedWork(io, options);
  return commandWork(io, options.shell ?? [...argv], options);
}

async function commandWork(io: Io, command: string | string[], options: WorkOptions): Promise<Work> {
  const payload: Record<string, unknown> = { command };
  if (options.env !== undefined) payload['env'] = options.env;
  if (options.cwd !== undefined) payload['cwd'] = options.cwd;
  if (options.stdin !== undefined) payload['stdin'] = await readText(io, '--stdin', options.stdin);
  return { kind: 'command', payload };
}

async function scriptWork(io: Io, path: string, options: WorkOptions): Promise<Work> {
  const payload: Record<string, unknown> = { source: await readSource(io, '--script', path) };
  if (options.input !== undefined) payload['input'] = await readJson(io, '--input', options.input);
  return { kind: 'script', payload };
}

async function namedWork(io: Io, options: WorkOptions): Promise<Work> {
  if (options.kind === undefined) throw usage('--kind', 'is missing; --payload alone does not say which handler runs it.');
  return { kind: options.kind, payload: options.payload === undefined ? {} : await readJson(io, '--payload', options.payload) };
}

/** An option that the chosen form would silently ignore is a mistake. */
function refuseStrays(form: string, options: WorkOptions): void {
  const isCommand = form === '-- command' || form === '--shell';
  for (const name of ['env', 'cwd', 'stdin'] as const) {
    if (!isCommand && options[name] !== undefined) throw usage(`--${name}`, `goes with a command, not with ${form}.`);
  }
  if (form !== '--script' && options.input !== undefined) throw usage('--input', `goes with --script, not with ${form}.`);
}
