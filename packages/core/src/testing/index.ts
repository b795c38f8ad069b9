export { COMPILE_CACHE, freePort, waitUntil } from './child-server.ts';
export {
  createEmptyPostgres,
  createTestDatabase,
  dumpMigratedPglite,
  engines,
  testRedisUrl,
  type Engine,
  type TestDatabase,
} from './create-test-database.ts';
export { findPostgres, findRedis } from './find-binaries.ts';
export { LiveReader, type Frame } from './live-reader.ts';
export { copyMigratedDatabase } from './copy-migrated-database.ts';
export { mutateStatements, type Mutation } from './mutate-statements.ts';
export { SETTLE_ALL } from './set-leases.ts';
export { startPostgres, type StartPostgresOptions, type TestServer } from './start-postgres.ts';
export { rateLimiterContract } from './rate-limiter-contract.ts';
export { startRedis } from './start-redis.ts';
export { startRedisCluster, type TestCluster } from './start-redis-cluster.ts';
export { WebhookReceiver, type ReceivedHook } from './webhook-receiver.ts';
