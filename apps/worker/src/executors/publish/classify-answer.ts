import { SendReport } from '@tidemark/core/publications/contract';
import * as z from 'zod';

const MAX_SHOWN_CHARS = 500;

/** What a platform may answer with; the rest of its body is its own business. */
const AnswerBody = z.object({
  external_id: z.string().min(1).max(512).optional(),
  published_at: z.iso.datetime({ offset: true }).optional(),
  pending: z.boolean().optional(),
  accepted: z.boolean().optional(),
});
type AnswerBody = z.infer<typeof AnswerBody>;

export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function parseBody(body: string): AnswerBody {
  try {
    const parsed = AnswerBody.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** Seconds or an HTTP date; null when it is neither. */
export function retryAfterSeconds(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, (at - nowMs) / 1000);
}

function shown(answer: PlatformAnswer): string {
  const text = answer.body.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return `The platform answered ${answer.status}${text === '' ? '' : `: ${text.slice(0, MAX_SHOWN_CHARS)}`}`;
}

function report(fields: Partial<SendReport> & Pick<SendReport, 'outcome'>): SendReport {
  return SendReport.parse(fields);
}

/**
 * The class of a platform's answer. Success needs an `external_id`; an answer that may mean "published" without one is unconfirmed, and
 * only what was certainly not accepted may be tried again. **Source:** CONTRACT §8.
 */
export function classifyAnswer(answer: PlatformAnswer, nowMs: number): SendReport {
  const { status } = answer;
  const body = parseBody(answer.body);
  const http = { http_status: status };
  if (status >= 200 && status < 300) {
    if (body.pending === true) return report({ ...http, outcome: 'accepted', external_id: body.external_id ?? null });
    if (body.external_id !== undefined)
      return report({ ...http, outcome: 'success', external_id: body.external_id, published_at: body.published_at ?? null });
    return report({ ...http, outcome: 'unconfirmed', error: `${shown(answer)}, which names no external_id` });
  }
  const error = shown(answer);
  if (status === 401 || status === 403) return report({ ...http, outcome: 'auth', error });
  if (status === 429)
    return report({
      ...http,
      outcome: 'rate_limited',
      error,
      retry_after_seconds: retryAfterSeconds(answer.headers['retry-after'], nowMs),
    });
  if (status >= 400 && status < 500) return report({ ...http, outcome: 'content', error });
  if (status < 500) return report({ ...http, outcome: 'connector', error: `${error}; redirects are not followed` });
  const isAccepted = body.external_id !== undefined || body.pending === true || body.accepted === true;
  return report({ ...http, outcome: isAccepted ? 'unconfirmed' : 'transient', error });
}
