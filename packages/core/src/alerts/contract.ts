import * as z from 'zod';
import { Cursor, Id, limit, shownName, text } from '../contract.ts';
import { Headers, HttpUrl } from '../steps/contract.ts';

export const CHANNEL_TYPES = ['webhook', 'email', 'slack', 'discord'] as const;
export const ChannelType = z.enum(CHANNEL_TYPES);
export type ChannelType = z.infer<typeof ChannelType>;

const Secret = text(200, 1).describe('Signs the body. `whsec_` and base64 as the Standard Webhooks say, or any text.');
const Email = z.email('must be an e-mail address').max(320);
export const WebhookConfig = z.strictObject({
  url: HttpUrl,
  secret: Secret.optional(),
  headers: Headers.optional(),
});
export type WebhookConfig = z.infer<typeof WebhookConfig>;
/** As it is kept: for a day after its secret was changed, the body is signed with the old one, too. */
export const StoredWebhookConfig = WebhookConfig.extend({
  // Channels that are older than the check of names: what does not fit fails where it is sent.
  headers: z.record(z.string(), z.string()).optional(),
  previous_secret: Secret.optional(),
  previous_secret_until: z.string().optional(),
});
export const ChatConfig = z.strictObject({ url: HttpUrl });
export type ChatConfig = z.infer<typeof ChatConfig>;
export const EmailConfig = z.strictObject({
  to: z.array(Email).min(1).max(20),
  from: Email,
  host: text(253, 1),
  port: z.int().min(1).max(65_535).default(587),
  secure: z.boolean().default(false).describe('TLS from the first byte (port 465). Otherwise STARTTLS is used when the server offers it.'),
  user: text(320).optional(),
  password: text(1024).optional(),
});
export type EmailConfig = z.infer<typeof EmailConfig>;

export const ChannelConfig = {
  webhook: WebhookConfig,
  email: EmailConfig,
  slack: ChatConfig,
  discord: ChatConfig,
} as const satisfies Record<ChannelType, z.ZodType>;

const AnyConfig = z.record(z.string(), z.unknown());
export const CreateChannelInput = z.strictObject({
  name: shownName(128),
  type: ChannelType,
  config: AnyConfig.describe(
    'webhook: { url, secret?, headers? }; slack and discord: { url }; email: { to, from, host, port?, secure?, user?, password? }.',
  ),
  is_enabled: z.boolean().default(true),
});
export type CreateChannelInput = z.infer<typeof CreateChannelInput>;
export const UpdateChannelInput = z.strictObject({
  id: Id,
  name: shownName(128).optional(),
  config: AnyConfig.optional(),
  is_enabled: z.boolean().optional(),
});
export type UpdateChannelInput = z.infer<typeof UpdateChannelInput>;

/** Where notices go. Secrets are never shown: only whether one is set. */
export const Channel = z
  .object({
    id: z.string(),
    name: z.string(),
    type: ChannelType,
    config: AnyConfig,
    has_secret: z.boolean(),
    is_enabled: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;

export const ChannelInput = z.strictObject({ id: Id });
export const ListChannelsInput = z.strictObject({ limit: limit(50, 200), cursor: Cursor.optional() });
export type ListChannelsInput = z.infer<typeof ListChannelsInput>;
export const ListChannelsOutput = z.object({ items: z.array(Channel), next_cursor: z.string().nullable() });
export type ListChannelsOutput = z.infer<typeof ListChannelsOutput>;

export const DELIVERY_STATUSES = ['queued', 'sending', 'delivered', 'failed'] as const;
export const DeliveryStatus = z.enum(DELIVERY_STATUSES);
export const NOTICE_KINDS = ['opened', 'escalated', 'reminder', 'resolved', 'flapping', 'test'] as const;
export const NoticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** One notice for one channel, and what became of it. */
export const Delivery = z
  .object({
    id: z.string(),
    channel_id: z.string(),
    channel_name: z.string(),
    outage_id: z.string().nullable(),
    test_id: z.string().nullable(),
    alert_id: z.string().nullable().describe('The alert of a publishing threshold it is about.'),
    kind: z.string(),
    status: DeliveryStatus,
    attempts: z.int(),
    next_try_at: z.string().nullable(),
    last_error: z.string().nullable(),
    created_at: z.string(),
    delivered_at: z.string().nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;
export const ListDeliveriesInput = z.strictObject({
  channel_id: Id.optional(),
  outage_id: Id.optional(),
  test_id: Id.optional(),
  alert_id: Id.optional(),
  status: DeliveryStatus.optional(),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListDeliveriesInput = z.infer<typeof ListDeliveriesInput>;
export const ListDeliveriesOutput = z.object({ items: z.array(Delivery), next_cursor: z.string().nullable() });
export type ListDeliveriesOutput = z.infer<typeof ListDeliveriesOutput>;
export const DeliveryInput = z.strictObject({ id: Id });
