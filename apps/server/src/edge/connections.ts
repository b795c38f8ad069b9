import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Held } from './held.ts';
import { plainAddress } from './networks.ts';
import type { Networks } from './networks.ts';

/** How many connections are served at once. */
export interface ConnectionLimits {
  readonly total: number;
  readonly per_address: number;
}

/**
 * Cuts off what is above the limits as soon as it connects, before a byte is read. A proxy we trust stands for many callers,
 * so only the total counts for it.
 */
export function limitConnections(server: Server, limits: ConnectionLimits, trusted: Networks): void {
  server.maxConnections = limits.total;
  const open = new Held(limits.per_address);
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? 'unknown');
    if (trusted.has(address)) return;
    if (open.take(address)) socket.once('close', () => open.release(address));
    else socket.destroy();
  });
}
