import { SendReport } from '@tidemark/core/publications/contract';
import { EgressError } from '@tidemark/egress';
import { classifyAnswer } from './classify-answer.ts';
import type { Connector } from './connector.ts';

const MAX_ANSWER_BYTES = 65_536;
const ROUNDING_MS = 50;

/** Failures before the first byte of the request: the platform knows nothing of it. */
const NOT_SENT: ReadonlySet<string> = new Set(['dns', 'connect', 'tls']);

/** A limit of the look-up or the connection struck before the whole time was over: the request was never begun. */
function isBeforeSending({ code, phases }: EgressError, timeoutMs: number): boolean {
  if (code !== 'timeout' || phases === null || phases.ttfb_ms > 0) return false;
  return phases.dns_ms + phases.connect_ms + phases.tls_ms < timeoutMs - ROUNDING_MS;
}

/** What a failed exchange means. Only where no connection stood is it certain that nothing was accepted. */
function reportOf(error: unknown, timeoutMs: number): SendReport {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof EgressError)) return SendReport.parse({ outcome: 'unconfirmed', error: text });
  if (error.code === 'invalid' || error.code === 'denied') return SendReport.parse({ outcome: 'connector', error: text });
  if (NOT_SENT.has(error.code) || isBeforeSending(error, timeoutMs)) return SendReport.parse({ outcome: 'transient', error: text });
  return SendReport.parse({ outcome: 'unconfirmed', error: `It was sent, and no complete answer came: ${text}` });
}

/** Posts the signed body to the platform's address, without following redirects. */
export const webhookConnector: Connector = {
  async send({ url, headers, body, timeout_ms }, egress, signal) {
    try {
      const answer = await egress.request(
        { url, method: 'POST', headers, body, timeout_ms, redirects: 'return', max_body_bytes: MAX_ANSWER_BYTES },
        signal,
      );
      return classifyAnswer({ status: answer.status, headers: answer.headers, body: answer.body.toString() }, Date.now());
    } catch (error) {
      return reportOf(error, timeout_ms);
    }
  },
};
