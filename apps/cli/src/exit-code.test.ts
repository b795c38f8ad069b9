import { expect, test } from 'vitest';
import { signalExitCode, workloadExitCode } from './exit-code.ts';

test.each([
  ['completed', 0, null, 0],
  ['completed', null, null, 0],
  ['completed', 3, null, 3],
  ['failed', 7, null, 7],
  ['failed', null, null, 1],
  ['failed', 0, null, 1],
  ['failed', null, 'SIGKILL', 137],
  ['failed', null, 'TERM', 143],
  ['failed', null, 'SIGNOSUCH', 1],
  ['cancelled', null, null, 130],
  ['cancelled', null, 'SIGTERM', 130],
  ['failed', 256, null, 1],
  ['failed', -1, null, 1],
] as const)('a workload that %s with code %s and signal %s ends the command with %d', (...[status, exit_code, signal, code]) => {
  expect(workloadExitCode({ status, exit_code, signal })).toBe(code);
});

test('a signal this system does not know has no exit code', () => {
  expect(signalExitCode('SIGNOSUCH')).toBeNull();
  expect(signalExitCode('SIGINT')).toBe(130);
});
