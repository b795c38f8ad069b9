import { useQuery } from '@tanstack/react-query';
import type { Operation } from '@tidemark/core/operations/contract';
import { plural, shortId } from '../../lib/format.ts';
import { trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';

const VERBS = { cancel: 'Cancel', retry: 'Retry' } as const;

export function titleOf(operation: Pick<Operation, 'action' | 'total'>): string {
  return `${VERBS[operation.action]} ${plural(operation.total, 'workload')}`;
}

/** One bulk action; read often while it runs. */
export function useOperation(id: string): QueryResult<Operation> {
  return useQuery(
    trpc.operations.get.queryOptions(
      { id },
      { placeholderData: () => undefined, refetchInterval: (query) => (query.state.data?.status === 'running' ? 700 : false) },
    ),
  );
}

function describePart(key: string, value: string | string[]): string {
  if (key === 'operation_id') return `what bulk action ${shortId(String(value))} was carried out on`;
  return `${key.replaceAll('_', ' ')} ${Array.isArray(value) ? value.join(' or ') : value}`;
}

/** The filter in words, as it was when the action began. */
export function describeFilter(filter: Operation['filter']): string {
  const parts = Object.entries(filter).flatMap(([key, value]) => (value === undefined ? [] : [describePart(key, value)]));
  return parts.length === 0 ? 'all workloads' : parts.join(', ');
}
