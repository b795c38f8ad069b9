import { exportAuditCsv, exportAuditLines, listAudit, verifyAudit } from '@tidemark/core/audit';
import { ExportAuditInput, ListAuditInput, ListAuditOutput, VerifyAuditInput, VerifyAuditOutput } from '@tidemark/core/audit/contract';
import { admin, callSignal, router, shape } from '../trpc.ts';

export const auditRouter = router({
  list: admin({ method: 'GET', path: '/v1/audit', summary: 'List who changed what, newest first' })
    .input(ListAuditInput)
    .output(shape(ListAuditOutput))
    .query(async ({ ctx, input }) => {
      await ctx.core.audit.flush();
      return listAudit(ctx.core, input);
    }),

  verify: admin({
    method: 'GET',
    path: '/v1/audit/verify',
    summary: 'Check that no entry of the audit log was edited, removed or added by hand',
    description: 'Walks the whole chain. Note `head_position` and `head_hash` somewhere else and give them back the next time.',
  })
    .input(VerifyAuditInput)
    .output(shape(VerifyAuditOutput))
    .query(({ ctx, input }) => verifyAudit(ctx.core, input)),

  exportCsv: admin({
    method: 'GET',
    path: '/v1/audit/export.csv',
    content_type: 'text/csv; charset=utf-8',
    summary: 'Download the audit log as CSV, newest first',
  })
    .input(ExportAuditInput)
    .subscription(({ ctx, input, signal }) => exportAuditCsv(ctx.core, input, callSignal(ctx, signal))),

  exportLines: admin({
    method: 'GET',
    path: '/v1/audit/export.jsonl',
    content_type: 'application/jsonl; charset=utf-8',
    summary: 'Download the audit log as JSON lines, newest first',
  })
    .input(ExportAuditInput)
    .subscription(({ ctx, input, signal }) => exportAuditLines(ctx.core, input, callSignal(ctx, signal))),
});
