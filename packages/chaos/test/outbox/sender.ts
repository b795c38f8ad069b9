// A server that only sends notices: it says that it is up, sends what is due when it is told to, and ends.
import { once } from 'node:events';
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { dispatchDeliveries } from '@tidemark/core/alerts';
import { createCore } from '@tidemark/core/engine';
import { notices } from '@tidemark/core/testing/outbox';

const database = await openPostgres({ url: process.env['DATABASE_URL'] ?? '', readers: 3 });
const core = await createCore({ database });
process.stdout.write('up\n');
await once(process.stdin, 'data');
await dispatchDeliveries(core, notices);
process.exit(0);
