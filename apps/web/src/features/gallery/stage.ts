import { TRPCClientError } from '@trpc/client';
import type { OperationLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '@tidemark/api';
import { isRecord } from '../../lib/record.ts';
import { emptyAnswer, VIEWER } from './answers.ts';

export const STATES = ['answered', 'empty', 'loading', 'error', 'not-found', 'forbidden', 'stale'] as const;
export type State = (typeof STATES)[number];

export const STATE_WORDS: Record<State, string> = {
  answered: 'Answered',
  empty: 'Empty',
  loading: 'Loading',
  error: 'Error',
  'not-found': 'Not found',
  forbidden: 'Forbidden',
  stale: 'Stale',
};

interface Refusal {
  code: string;
  status: number;
  message: string;
}

const BROKEN: Refusal = { code: 'INTERNAL', status: 500, message: 'The database did not answer in time.' };
const REFUSALS: Partial<Record<State, Refusal>> = {
  error: BROKEN,
  'not-found': { code: 'NOT_FOUND', status: 404, message: 'There is nothing under this id.' },
  forbidden: { code: 'FORBIDDEN', status: 403, message: 'This needs the role “operator”; you are a viewer.' },
};

function toError({ code, status, message }: Refusal): TRPCClientError<AppRouter> {
  const data = { app_code: code, httpStatus: status, request_id: 'req_gallery' };
  return TRPCClientError.from<AppRouter>({ error: { message, code: -32_603, data } });
}

type Answer = { is: 'answer'; value: unknown } | { is: 'refusal'; refusal: Refusal } | { is: 'server' } | { is: 'nothing' };

/** What is said to a question in a state. Who looks is asked of the server, so that a page can be reached at all. */
function answerTo(path: string, state: State, hasAnswered: boolean): Answer {
  if (path === 'session.get') return state === 'forbidden' ? { is: 'answer', value: VIEWER } : { is: 'server' };
  if (state === 'answered' || (state === 'stale' && !hasAnswered)) return { is: 'server' };
  if (state === 'loading') return { is: 'nothing' };
  if (state === 'empty') {
    const value = emptyAnswer(path);
    return value === undefined ? { is: 'server' } : { is: 'answer', value };
  }
  return { is: 'refusal', refusal: REFUSALS[state] ?? BROKEN };
}

/** Stands in the place of the network: the pages, their queries and what they make of errors are their own. */
export function linkFor(state: State, hasAnswered: () => boolean): OperationLink<AppRouter> {
  return ({ op, next }) =>
    observable((observer) => {
      const refuse = (refusal: Refusal): void => observer.error(toError(refusal));
      const answer = answerTo(op.path, state, hasAnswered());
      // Nothing happens while a picture is looked at.
      if (op.type === 'subscription') {
        observer.next({ result: { type: 'started' } });
        observer.next({ result: { type: 'data', data: { id: '-', event: null } } });
      } else if (op.type === 'mutation') refuse({ ...BROKEN, message: 'Nothing is changed from the gallery.' });
      else if (answer.is === 'refusal') refuse(answer.refusal);
      else if (answer.is === 'server') return next(op).subscribe(observer);
      else if (answer.is === 'answer') {
        observer.next({ result: { type: 'data', data: answer.value } });
        observer.complete();
      }
      return undefined;
    });
}

/** The one page that reads over REST: the same answers, for its address only. */
export function fetchFor(state: State, hasAnswered: () => boolean, ask: typeof fetch): typeof fetch {
  return async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.includes('/api/status')) return ask(input, init);
    const answer = answerTo('status', state, hasAnswered());
    if (answer.is === 'nothing') return new Promise<Response>(() => undefined);
    if (answer.is === 'refusal') return Response.json({}, { status: answer.refusal.status });
    const response = await ask(input, init);
    const body: unknown = state === 'empty' ? await response.json() : null;
    return isRecord(body) ? Response.json({ ...body, state: 'unknown', monitors: [] }) : response;
  };
}
