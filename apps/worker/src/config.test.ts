import { expect, test } from 'vitest';
import { defaultSlots, readConfig, stateDirNumber } from './config.ts';

test('without arguments the documented defaults hold', () => {
  const config = readConfig([], {});
  expect(config).toMatchObject({
    url: 'http://127.0.0.1:3000',
    type: 'agent',
    slots: defaultSlots(),
    queues: ['default', 'monitors', 'publish:instagram', 'publish:tiktok', 'publish:youtube', 'publish:other'],
    labels: {},
    data_dir: './data',
    sandbox: 'auto',
    disk_mb: 4096,
    grace: 20,
  });
});

test('arguments win over the environment', () => {
  const env = { TIDEMARK_URL: 'http://env:1', TIDEMARK_KEY: 'env-key', TIDEMARK_WORKER_NAME: 'env-name' };
  const config = readConfig(['--url', 'https://arg:2', '--queues', 'a, b', '--labels', 'zone=eu,gpu='], env);
  expect(config).toMatchObject({
    url: 'https://arg:2',
    key: 'env-key',
    name: 'env-name',
    queues: ['a', 'b'],
    labels: { zone: 'eu', gpu: '' },
  });
});

test.each([
  [['--slots', '0'], /--slots/],
  [['--url', 'localhost:3000'], /--url/],
  [['--labels', 'broken'], /"broken" is not name=value/],
  [['--sandbox', 'maybe'], /--sandbox/],
  [['--disk-mb', '0'], /--disk-mb/],
  [['--slotz', '3'], /slotz/],
])('%j is refused and named', (args, message) => {
  expect(() => readConfig(args, {})).toThrow(message);
});

test('several workers of one data folder get numbered state folders', () => {
  expect([1, 2].map((at) => stateDirNumber('data', at))).toEqual(['data/worker', 'data/worker-2']);
});
