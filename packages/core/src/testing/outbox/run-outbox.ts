import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { createNoticeSender } from '../../adapters/delivery/index.ts';
import { openPostgres } from '../../adapters/postgres/index.ts';
import { CreateChannelInput, type NoticeKind } from '../../alerts/contract.ts';
import { createChannel, dispatchDeliveries, queueNotices, queueRecovery } from '../../alerts/index.ts';
import { createCore, type Core } from '../../engine/index.ts';
import { newId } from '../../ids.ts';
import { CreateMonitorInput } from '../../monitors/contract.ts';
import { createMonitor } from '../../monitors/index.ts';
import { createTestCore } from '../create-test-core.ts';
import { CuttingProxy } from './cutting-proxy.ts';

const CHANNELS = 3;
const KINDS = ['opened', 'resolved'] as const satisfies readonly NoticeKind[];
const MAX_TRIES = 10;
/** How long a sender that was neither lost nor finished may take, before its instant is called off. */
const PATIENCE_MS = 60_000;

/** The way out for both, the lost one and the one after it. */
export const notices = createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => Date.now() });

/** A server that sends what is due. `isOver` resolves when it has, or cannot any more. */
export interface Sender {
  readonly isOver: Promise<unknown>;
  /** Ends it without a word. */
  kill(): void;
  close(): Promise<void>;
}

export interface OutboxRun {
  /** Outages, of each of which the beginning and the end are told; a sender is lost in both. */
  readonly outages: number;
  /** From 0 to below 1: where on its way the next sender is lost. */
  readonly next: () => number;
  /** Starts a sender on a database that may be cut from it; without one it is a core in this process, which is cut off. */
  readonly start?: (url: string) => Promise<Sender>;
}

export interface OutboxVerdict {
  readonly violations: string[];
  /** Senders that were lost before they were done. */
  readonly lost: number;
  /** Notices that reached their receiver once more. */
  readonly repeats: number;
  /** Instants at which a sender could be lost. */
  readonly steps: number;
}

interface Received {
  readonly id: string;
  readonly outage_id: string;
  /** Number of the channel and type of the notice. */
  readonly about: string;
}

interface Body {
  readonly type: string;
  readonly data: { readonly outage: { readonly id: string } };
}

/** Counts the instants of one sender and loses it at one of them. */
class Instants {
  count = 0;
  #at = Number.POSITIVE_INFINITY;
  #lose = (): void => undefined;
  isLost = false;

  begin(at: number, lose: () => void): void {
    this.count = 0;
    this.#at = at;
    this.#lose = lose;
    this.isLost = false;
  }

  readonly pass = (): boolean => {
    this.count += 1;
    if (this.count !== this.#at) return false;
    this.isLost = true;
    this.#lose();
    return true;
  };
}

/** A receiver that keeps what came; what it was sent counts as received before its answer, as it does in the world. */
class Keeper implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #instants: Instants;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { type, data } = JSON.parse(Buffer.concat(chunks).toString()) as Body;
      const about = `${request.url ?? ''} ${type}`;
      this.received.push({ id: String(request.headers['webhook-id']), outage_id: data.outage.id, about });
      if (this.#instants.pass()) return void request.socket.destroy();
      response.on('finish', () => void this.#instants.pass());
      response.writeHead(200).end();
    });
  });

  constructor(instants: Instants) {
    this.#instants = instants;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A server in this process. Whoever cuts it off from its database has ended it: it can neither read nor write any more. */
async function startHere(url: string): Promise<Sender> {
  const database = await openPostgres({ url, readers: 3 });
  const core = await createCore({ database });
  return {
    isOver: dispatchDeliveries(core, notices).catch(() => undefined),
    kill: () => undefined,
    close: async () => {
      await core.stop().catch(() => undefined);
      await database.close().catch(() => undefined);
    },
  };
}

interface Stage {
  readonly core: Core;
  readonly url: string;
  readonly instants: Instants;
  readonly keeper: Keeper;
  readonly channelIds: readonly string[];
  readonly monitorId: string;
  readonly start: (url: string) => Promise<Sender>;
}

/** Lets a sender go and loses it at the given instant. Answers how many there were, and whether it came to that one. */
async function lose(stage: Stage, at: number): Promise<{ steps: number; is_lost: boolean }> {
  const { instants } = stage;
  await using proxy = new CuttingProxy(stage.url, instants.pass);
  // Starting is no part of sending.
  instants.begin(Number.POSITIVE_INFINITY, () => undefined);
  const url = await proxy.listen();
  const lost = Promise.withResolvers<void>();
  const sender = await stage.start(url);
  instants.begin(at, () => {
    sender.kill();
    proxy.cut();
    lost.resolve();
  });
  const patience = AbortSignal.timeout(PATIENCE_MS);
  patience.addEventListener('abort', () => lost.resolve());
  await Promise.race([sender.isOver, lost.promise]);
  await sender.close();
  const ended = { steps: instants.count, is_lost: instants.isLost };
  instants.begin(Number.POSITIVE_INFINITY, () => undefined);
  return ended;
}

/** The server after: takes what the lost one had leased once that lease is over, until nothing waits. */
async function finish({ core }: Stage): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    await sql`update delivery set leased_until = now() - interval '1 s' where status = 'sending'`.execute(core.database.db);
    await sql`update delivery set next_try_at = now() where status = 'queued'`.execute(core.database.db);
    await dispatchDeliveries(core, notices);
    const waiting = await core.database.db.selectFrom('delivery').select('id').where('status', 'in', ['queued', 'sending']).execute();
    if (waiting.length === 0) return;
  }
}

async function openOutage({ core, channelIds, monitorId }: Stage): Promise<string> {
  const id = newId('out', core.now());
  await core.database.db.transaction().execute(async (tx) => {
    await sql`insert into outage (id, test_id, status, opened_at, confirmed_at, failed_runs, first_run_id, last_run_id, last_failed_at)
      values (${id}, ${monitorId}, 'open', now(), now(), 1, ${`run_${id}`}, ${`run_${id}`}, now())`.execute(tx);
    await queueNotices(tx, { outage_id: id, test_id: monitorId, kind: 'opened', channel_ids: channelIds }, core.now());
  });
  return id;
}

async function resolveOutage({ core, monitorId }: Stage, id: string): Promise<void> {
  await core.database.db.transaction().execute(async (tx) => {
    await sql`update outage set status = 'resolved', resolved_at = now(), resolution = 'recovered' where id = ${id}`.execute(tx);
    await queueRecovery(tx, { id, test_id: monitorId, seq: 0 }, core.now());
  });
}

/** What is wrong with what an outage's channels were told: each of both, under one id, the beginning first. */
async function judge({ core, channelIds }: Stage, outageId: string, received: readonly Received[]): Promise<string[]> {
  const violations: string[] = [];
  const rows = await core.database.db.selectFrom('delivery').selectAll().where('outage_id', '=', outageId).execute();
  for (const [number, channelId] of channelIds.entries()) {
    const firsts = KINDS.map((kind) => {
      const row = rows.find((each) => each.channel_id === channelId && each.kind === kind);
      const about = `/${number} outage.${kind}`;
      if (row?.status !== 'delivered') violations.push(`${about}: it is ${row?.status ?? 'not in the ledger'}`);
      const ids = new Set(received.filter((each) => each.about === about).map(({ id }) => id));
      if (ids.size !== 1 || !ids.has(row?.id ?? ''))
        violations.push(`${about}: came under the ids ${[...ids].join()}, is ${row?.id ?? 'none'}`);
      return received.findIndex((each) => each.about === about);
    });
    if ((firsts[0] ?? 0) > (firsts[1] ?? 0)) violations.push(`/${number}: the end came before the beginning`);
  }
  return violations;
}

/**
 * Tells channels of outages while the sender is lost at an instant of its way, again and again, and another takes over.
 * Nothing may be lost, and what comes twice must come under one id.
 */
export async function runOutbox({ outages, next, start = startHere }: OutboxRun): Promise<OutboxVerdict> {
  await using test = await createTestCore('postgres');
  const instants = new Instants();
  await using keeper = new Keeper(instants);
  const base = await keeper.listen();
  const { core, database } = test;
  if (database.url === null) throw new Error('senders need a database that several can reach');
  const channelIds: string[] = [];
  for (let number = 0; number < CHANNELS; number += 1) {
    const input = { name: `channel ${number}`, type: 'webhook', config: { url: `${base}/${number}`, secret: 'a secret for tests' } };
    channelIds.push((await createChannel(core, CreateChannelInput.parse(input))).id);
  }
  const monitor = await createMonitor(core, CreateMonitorInput.parse({ name: 'Shop', url: 'https://example.com', status: 'paused' }));
  const stage: Stage = { core, url: database.url, instants, keeper, channelIds, monitorId: monitor.id, start };
  const verdict = { violations: [] as string[], lost: 0, repeats: 0, steps: 0 };
  // The first is not lost: it shows how many instants there are.
  for (let at = 0; at <= outages; at += 1) {
    const id = await openOutage(stage);
    for (const kind of KINDS) {
      if (kind === 'resolved') await resolveOutage(stage, id);
      const instant = at === 0 ? Number.POSITIVE_INFINITY : 1 + Math.floor(next() * verdict.steps);
      const ended = await lose(stage, instant);
      if (at === 0) verdict.steps = Math.max(verdict.steps, ended.steps);
      if (ended.is_lost) verdict.lost += 1;
      await finish(stage);
    }
    const received = keeper.received.filter((each) => each.outage_id === id);
    verdict.repeats += received.length - CHANNELS * KINDS.length;
    verdict.violations.push(...(await judge(stage, id, received)));
  }
  return verdict;
}
