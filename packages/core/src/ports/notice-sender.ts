import type { ChannelType } from '../alerts/contract.ts';

/** What is told, in the form every channel can be made of. */
export interface Notice {
  /** `outage.opened`, `.resolved`, `.reminder`, `.flapping`, `threshold.opened`, `.escalated`, `.resolved` or `channel.test`. */
  readonly type: string;
  /** When it happened, not when it is sent. */
  readonly timestamp: string;
  readonly title: string;
  /** A few lines of plain text. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutgoingNotice {
  /** The same for every try, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly channel_type: ChannelType;
  /** As stored, secrets included. */
  readonly config: unknown;
  readonly notice: Notice;
}

export type SendOutcome =
  | { readonly ok: true }
  /** `is_final`: no further try can help; `is_gone`: nor will another notice. `error` is fit for people and holds no secret. */
  | {
      readonly ok: false;
      readonly error: string;
      readonly is_final: boolean;
      readonly retry_after_ms: number | null;
      readonly is_gone?: boolean;
    };

/** Delivers notices to the outside. */
export interface NoticeSender {
  /** One try; never throws. */
  send(notice: OutgoingNotice, signal: AbortSignal): Promise<SendOutcome>;
}
