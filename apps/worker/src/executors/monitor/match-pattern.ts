import { Worker } from 'node:worker_threads';
import { StepFailure } from './step-outcome.ts';

const LIMIT_MS = 150;
const START_MS = 10_000;
const MAX_PATTERN_CHARS = 512;

// Text and not a file, so that it is found wherever the agent is bundled to.
const THREAD = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ pattern, text }) => {
  try {
    parentPort.postMessage({ matched: new RegExp(pattern).test(text) });
  } catch (error) {
    parentPort.postMessage({ problem: error.message });
  }
});
parentPort.postMessage({});
`;

interface Answer {
  matched?: boolean;
  problem?: string;
}

let thread: Worker | null = null;
let turn: Promise<unknown> = Promise.resolve();

function nextAnswer(from: Worker, limitMs: number): Promise<Answer | null> {
  return new Promise((resolve) => {
    const settle = (answer: Answer | null): void => {
      clearTimeout(timer);
      from.off('message', settle).off('error', lose);
      resolve(answer);
    };
    const lose = (): void => settle(null);
    const timer = setTimeout(lose, limitMs);
    from.on('message', settle).on('error', lose);
  });
}

async function readyThread(): Promise<Worker> {
  if (thread !== null) return thread;
  const started = new Worker(THREAD, { eval: true, env: {}, resourceLimits: { maxOldGenerationSizeMb: 64 } });
  // An agent with nothing else to do may end.
  started.unref();
  started.on('error', () => undefined);
  if ((await nextAnswer(started, START_MS)) === null) {
    await started.terminate();
    throw new Error('the thread for patterns did not start');
  }
  thread = started;
  return started;
}

async function match(pattern: string, text: string): Promise<boolean> {
  const on = await readyThread();
  on.postMessage({ pattern, text });
  const answer = await nextAnswer(on, LIMIT_MS);
  if (answer === null) {
    thread = null;
    await on.terminate();
    throw new StepFailure(`the pattern timed out after ${LIMIT_MS} ms`);
  }
  if (answer.problem !== undefined) throw new StepFailure(`the pattern is not valid: ${answer.problem}`);
  return answer.matched === true;
}

/**
 * Tests a regular expression in a thread that is killed when it takes too long: some need years for a line of text.
 * @throws StepFailure when it times out or is no pattern.
 */
export async function matchPattern(pattern: string, text: string): Promise<boolean> {
  if (pattern.length > MAX_PATTERN_CHARS) throw new StepFailure(`the pattern is longer than ${MAX_PATTERN_CHARS} characters`);
  const mine = turn.then(() => match(pattern, text));
  turn = mine.catch(() => undefined);
  return mine;
}
