import type { Egress } from '@tidemark/egress';
import type { BeginSendOutput, SendReport } from '@tidemark/core/publications/contract';

/** A request that the server has signed and allowed to be sent once. */
export type SignedRequest = Extract<BeginSendOutput, { decision: 'send' }>;

/**
 * How a publication gets to a platform. `send` sends the request at most once and never throws: what it found out, and how sure that
 * is, is in the report. Example: `send-webhook.ts`.
 */
export interface Connector {
  send(request: SignedRequest, egress: Egress, signal: AbortSignal): Promise<SendReport>;
}
