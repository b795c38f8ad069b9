import { exportMonitors, importMonitors } from '@tidemark/core/transfer';
import { ExportAnswer, ExportInput, ImportAnswer, ImportInput } from '@tidemark/core/transfer/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const transferRouter = router({
  import: operator({
    method: 'POST',
    path: '/v1/import',
    summary: 'Take monitors over from Uptime Kuma, Gatus or an export of ours',
    description:
      'Known monitors are changed, new ones created, and what has no counterpart is named with the reason. Importing again changes nothing.',
    examples: {
      input: {
        format: 'gatus',
        content: 'endpoints:\n  - name: website\n    url: https://example.org\n    conditions: ["[STATUS] == 200"]\n',
        dry_run: true,
      },
    },
  })
    .input(ImportInput)
    .output(shape(ImportAnswer))
    .mutation(({ ctx, input }) => importMonitors(ctx.core, input)),

  export: viewer({
    method: 'GET',
    path: '/v1/export',
    summary: 'Export all monitors, or one, as YAML',
    description: 'Applied again with the format `tidemark` it changes nothing.',
  })
    .input(ExportInput)
    .output(shape(ExportAnswer))
    .query(({ ctx, input }) => exportMonitors(ctx.core, input)),
});
