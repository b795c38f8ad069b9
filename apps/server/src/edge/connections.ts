import type { Server } from 'node:http';
import type { Socket } from 'node:net';
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
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? 'unknown');
    if (trusted.has(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > limits.per_address) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
