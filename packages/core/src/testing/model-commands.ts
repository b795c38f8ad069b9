import * as fc from 'fast-check';
import { WORKLOAD_STATUSES, type WorkloadStatus } from '../workloads/contract.ts';

/** A step of a history. `target` counts the workloads made so far, modulo their number. */
export type Command =
  | { readonly do: 'create'; readonly maxAttempts: number; readonly maxLosses: number; readonly key: number | null }
  | { readonly do: 'claim'; readonly worker: number; readonly max: number }
  /** An agent waits in a long poll, and what is created goes to it. */
  | { readonly do: 'hand_over'; readonly worker: number; readonly maxAttempts: number; readonly maxLosses: number }
  | {
      readonly do: 'report';
      readonly target: number;
      readonly op: 'checkpoint' | 'complete' | 'fail' | 'release';
      /** Added to the current epoch: 0 is the lease as it is, less an old one, more one that never was. */
      readonly epochShift: number;
      readonly isForeign: boolean;
      readonly requestId: number | null;
      readonly isRetryable: boolean;
      readonly cursor: number | null;
      readonly keys: number | null;
      /** Sent twice in one call, as a retry that overtook its answer. */
      readonly isTwice: boolean;
    }
  | { readonly do: 'cancel'; readonly target: number }
  | { readonly do: 'expire'; readonly target: number }
  | { readonly do: 'end_grace'; readonly target: number }
  | { readonly do: 'retry'; readonly target: number; readonly keepsCheckpoint: boolean }
  | { readonly do: 'update'; readonly target: number; readonly to: WorkloadStatus }
  | { readonly do: 'wake' }
  | { readonly do: 'check' }
  | { readonly do: 'race'; readonly target: number; readonly rivals: readonly Rival[] };

/** Who acts on one workload at the same moment. */
export type Rival = 'complete' | 'fail' | 'release' | 'checkpoint' | 'cancel' | 'expire' | 'claim' | WorkloadStatus;

const target = fc.nat({ max: 20 });
const requestId = fc.option(fc.nat({ max: 2 }), { freq: 2 });

const create = fc.record({
  do: fc.constant('create' as const),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  maxLosses: fc.integer({ min: 1, max: 3 }),
  key: fc.option(fc.nat({ max: 2 }), { freq: 1 }),
});

const handOver = fc.record({
  do: fc.constant('hand_over' as const),
  worker: fc.nat({ max: 2 }),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  maxLosses: fc.integer({ min: 1, max: 3 }),
});

const report = fc.record({
  do: fc.constant('report' as const),
  target,
  op: fc.constantFrom('checkpoint' as const, 'complete' as const, 'fail' as const, 'release' as const),
  epochShift: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: -3, max: 1 }) }),
  isForeign: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  requestId,
  isRetryable: fc.boolean(),
  cursor: fc.option(fc.nat({ max: 99 })),
  keys: fc.option(fc.nat({ max: 9 })),
  isTwice: fc.boolean(),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: create },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('claim' as const), worker: fc.nat({ max: 2 }), max: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: handOver },
  { weight: 9, arbitrary: report },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'expire' as const, 'expire' as const, 'end_grace' as const), target }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), target, keepsCheckpoint: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), target, to: fc.constantFrom(...WORKLOAD_STATUSES) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'wake' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'check' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('race' as const),
      target,
      rivals: fc.array(
        fc.constantFrom<Rival>('complete', 'fail', 'release', 'checkpoint', 'cancel', 'expire', 'claim', ...WORKLOAD_STATUSES),
        { minLength: 2, maxLength: 5 },
      ),
    }),
  },
);

/** A history: a few workloads first, so that there is something to act on. */
export const history: fc.Arbitrary<Command[]> = fc
  .tuple(fc.array(create, { minLength: 1, maxLength: 3 }), fc.array(command, { minLength: 5, maxLength: 45 }))
  .map(([first, then]) => [...first, ...then]);
