import { createEgress, EgressError, type Egress, type EgressPolicy } from '@tidemark/egress';
import { ChatConfig, StoredWebhookConfig } from '../../alerts/contract.ts';
import type { NoticeSender, OutgoingNotice, SendOutcome } from '../../ports/index.ts';
import { signingSecrets, webhookHeaders } from '../../sign-webhook.ts';
import { sendMail } from './send-mail.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 4096;
/** **Source:** the limit of a Discord message; Slack's is longer. */
const MAX_CHAT_CHARS = 1900;

export interface NoticeSenderOptions {
  /** Asked before every try, so that a changed policy holds at once. */
  readonly policy: () => EgressPolicy | Promise<EgressPolicy>;
  readonly now: () => number;
  /** PEM certificates trusted beside the well-known ones. */
  readonly ca?: readonly string[];
}

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function postOf({ id, channel_type: type, config, notice }: OutgoingNotice, nowMs: number): Post {
  if (type === 'webhook') {
    const { url, headers, ...signing } = StoredWebhookConfig.parse(config);
    const body = JSON.stringify({ type: notice.type, timestamp: notice.timestamp, data: notice.data });
    const secrets = signingSecrets(signing, nowMs);
    return { url, body, headers: { ...headers, ...webhookHeaders({ id, nowMs, body, secrets }) } };
  }
  const { url } = ChatConfig.parse(config);
  if (type === 'discord') {
    const content = `**${notice.title}**\n${notice.text}`.slice(0, MAX_CHAT_CHARS);
    return { url, headers: {}, body: JSON.stringify({ content, allowed_mentions: { parse: [] } }) };
  }
  const escaped = `*${notice.title}*\n${notice.text}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { url, headers: {}, body: JSON.stringify({ text: escaped.slice(0, MAX_CHAT_CHARS) }) };
}

function retryAfterMs(value: string | undefined): number | null {
  const seconds = Number(value);
  return value !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

async function post(egress: Egress, outgoing: OutgoingNotice, call: { now_ms: number; signal: AbortSignal }): Promise<SendOutcome> {
  const { url, headers, body } = postOf(outgoing, call.now_ms);
  const answer = await egress.request(
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      timeout_ms: TIMEOUT_MS,
      redirects: 'return',
      max_body_bytes: MAX_ANSWER_BYTES,
    },
    call.signal,
  );
  if (answer.status >= 200 && answer.status < 300) return { ok: true };
  // 410 says that the receiver wants no more. **Source:** Standard Webhooks.
  const isGone = answer.status === 410;
  return {
    ok: false,
    error: `The receiver answered ${answer.status}.`,
    is_final: isGone,
    is_gone: isGone,
    retry_after_ms: retryAfterMs(answer.headers['retry-after']),
  };
}

function failure(error: unknown): SendOutcome {
  const words = error instanceof Error ? error.message : 'The notice could not be sent.';
  return {
    ok: false,
    error: words.slice(0, 500),
    is_final: error instanceof EgressError && error.code === 'invalid',
    retry_after_ms: null,
  };
}

/** Sends notices by signed webhook, chat webhook or SMTP, all through the one checked way out. */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  return {
    async send(outgoing, signal) {
      try {
        const egress = createEgress({ policy: await options.policy(), ...(options.ca === undefined ? {} : { ca: options.ca }) });
        if (outgoing.channel_type !== 'email') return await post(egress, outgoing, { now_ms: options.now(), signal });
        await sendMail(egress, outgoing, signal);
        return { ok: true };
      } catch (error) {
        return failure(error);
      }
    },
  };
}
