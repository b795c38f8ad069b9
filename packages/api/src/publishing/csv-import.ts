import { MAX_CSV_BYTES } from '@tidemark/core/contract';

/** The body of an import: the CSV itself, or JSON with it as `content`. */
export const CSV_BODY = { field: 'content', content_type: 'text/csv', max_bytes: MAX_CSV_BYTES } as const;

export const IMPORTING =
  'The first line names the fields. Send the CSV as `text/csv`, or as `content` in JSON. A line that does not fit is named by line and column, and nothing is imported unless `skip_invalid`.';
