#!/usr/bin/env node
import { EXIT } from './exit-code.ts';
import { runCommandLine } from './program.ts';

// A reader that went away (`| head`) ends the command like any other program in a pipe: at once and without a word.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.brokenPipe : EXIT.failed);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), process);
