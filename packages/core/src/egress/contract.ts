import * as z from 'zod';
import { text } from '../contract.ts';

/** Targets besides public addresses that monitors and notices may reach. */
export const EgressSettings = z
  .strictObject({
    allow: z.array(text(253, 1)).max(500).describe('CIDR, an address, a host name, or `*.name`: such as 10.0.0.0/8 or intranet.example.'),
  })
  .meta({ id: 'EgressSettings' });
export type EgressSettings = z.infer<typeof EgressSettings>;

export const EgressAnswer = EgressSettings.extend({
  allow_at_start: z.array(z.string()).describe('What EGRESS_ALLOW allowed when the server started.'),
  allow_loopback: z.boolean().describe('True while the server is open to this machine only.'),
}).meta({ id: 'EgressAnswer' });
export type EgressAnswer = z.infer<typeof EgressAnswer>;
export const GetEgressInput = z.strictObject({});

/** What a worker may reach besides public addresses, whoever decided it. */
export const EgressPolicyAnswer = z.object({ allow: z.array(z.string()), allow_loopback: z.boolean() }).meta({ id: 'EgressPolicy' });
