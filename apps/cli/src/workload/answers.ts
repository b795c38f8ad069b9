import type { Client } from '@tidemark/api/client';

/** Workloads as they arrive: what JSON makes of the contract's shapes. */
export type WorkloadAnswer = Awaited<ReturnType<Client['workloads']['create']['mutate']>>;
export type WorkloadDetail = Awaited<ReturnType<Client['workloads']['get']['query']>>;
