import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PARENT_VARIABLE } from './parent-variable.ts';

/** Five times as long as a look at the parent takes to come round. */
const LONG_ENOUGH_MS = 2500;

/** What a program in the background of a shell says once the shell is gone. */
async function afterShellIsGone(env: Record<string, string>): Promise<string> {
  const program = `
    import { StopRequests } from ${JSON.stringify(import.meta.resolve('./stop-requests.ts'))};
    const end = (word) => { console.log(word); process.exit(); };
    new StopRequests(() => end('asked to stop'));
    console.log('ready');
    setTimeout(() => end('left alone'), ${LONG_ENOUGH_MS});`;
  const { npm_lifecycle_event: _npm, [PARENT_VARIABLE]: _parent, ...rest } = process.env;
  const shell = spawn('sh', ['-c', '"$0" --input-type=module -e "$1" & read line', process.execPath, program], {
    env: { ...rest, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said === 'ready\n') shell.stdin.end('\n');
  });
  await once(shell.stdout, 'end');
  return said;
}

test('what a script started in the background goes on when the script ends', async () => {
  expect(await afterShellIsGone({})).toBe('ready\nleft alone\n');
});

test('what npm started stops when npm is gone', async () => {
  expect(await afterShellIsGone({ npm_lifecycle_event: 'start' })).toBe('ready\nasked to stop\n');
});
