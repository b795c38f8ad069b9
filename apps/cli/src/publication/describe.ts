import type { Publication } from '@tidemark/core/publications/contract';

/** A publication's state in one line: the status, its detail, and what it waits for. */
export function describePublication(publication: Pick<Publication, 'id' | 'status' | 'sub_status' | 'wait_reason'>): string {
  const { id, status, sub_status: sub, wait_reason: why } = publication;
  return `${id} is ${status}${sub === null ? '' : `/${sub}`}${why === null ? '' : `: ${why}`}`;
}
