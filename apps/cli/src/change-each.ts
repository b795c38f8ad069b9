import { describeFailure, toCommandError } from './failure.ts';
import type { Cli } from './session.ts';

/** One change of one thing, and the line that says what became of it. */
export interface Change<Answer> {
  ask: (id: string) => Promise<Answer>;
  line: (answer: Answer) => string;
}

/**
 * Asks for the same change of each thing and prints what became of it. One refusal does not keep the others from being asked;
 * the exit code is that of the first refusal. As JSON: the answer for one id, an array of them for several.
 */
export async function changeEach<Answer>(cli: Cli, ids: readonly string[], change: Change<Answer>): Promise<number> {
  const only = ids.length === 1 ? ids[0] : undefined;
  if (only !== undefined) {
    const answer = await change.ask(only);
    await (cli.isJson ? cli.terminal.json(answer) : cli.terminal.data(`${change.line(answer)}\n`));
    return 0;
  }
  const changed: Answer[] = [];
  let exitCode = 0;
  for (const id of ids) {
    try {
      const answer = await change.ask(id);
      changed.push(answer);
      if (!cli.isJson) await cli.terminal.data(`${change.line(answer)}\n`);
    } catch (error) {
      const failure = toCommandError(error, cli.url);
      exitCode ||= failure.exitCode;
      await cli.terminal.message(
        cli.isJson
          ? JSON.stringify(failure.body)
          : `${cli.terminal.errorStyle(['red', 'bold'], 'error:')} ${id}: ${describeFailure(failure.body).join('\n')}`,
      );
      if (failure.body.code === 'UNAVAILABLE') break;
    }
  }
  if (cli.isJson) await cli.terminal.json(changed);
  return exitCode;
}
