import * as z from 'zod';
import { text } from '../contract.ts';

const Network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], { error: 'must be an address or CIDR, such as 10.0.0.0/8' });

const Origin = text(253, 1).refine((value) => /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value, {
  error: 'must be an origin without a path, such as https://console.example.com',
});

/** Who may reach the server, and which pages of other origins may read its answers. */
export const NetworkSettings = z
  .strictObject({
    allow: z.array(Network).max(500).describe('Addresses and CIDR that may call; empty for everybody. `/healthz` answers all.'),
    cors_origins: z.array(Origin).max(50).describe('Origins whose pages may read answers, with a key of their own.'),
  })
  .meta({ id: 'NetworkSettings' });
export type NetworkSettings = z.infer<typeof NetworkSettings>;

export const NetworkAnswer = NetworkSettings.extend({
  allow_at_start: z.array(z.string()).describe('What NETWORK_ALLOW allowed when the server started.'),
  cors_origins_at_start: z.array(z.string()).describe('What CORS_ORIGINS allowed when the server started.'),
}).meta({ id: 'NetworkAnswer' });
export type NetworkAnswer = z.infer<typeof NetworkAnswer>;
export const GetNetworkInput = z.strictObject({});
