import { CsvImportAnswer, CsvImportInput } from '@tidemark/core/contract';
import { getHead, watchStream } from '@tidemark/core/events';
import {
  beginSend,
  cancelPublication,
  createPublication,
  createPublications,
  exportPublications,
  exportWorkbook,
  getPublication,
  getPublicationCalendar,
  importPublications,
  listPublications,
  PUBLICATIONS_TOPIC,
  reportResult,
  retryPublication,
  retryPublications,
  updatePublication,
} from '@tidemark/core/publications';
import {
  BeginSendInput,
  BeginSendOutput,
  CreateManyPublicationsInput,
  CreateManyPublicationsOutput,
  CreatePublicationInput,
  ExportPublicationsInput,
  ListPublicationsInput,
  ListPublicationsOutput,
  Publication,
  PublicationCalendar,
  PublicationCalendarInput,
  PublicationInput,
  PublicationWithAttempts,
  ReportResultInput,
  RetryManyPublicationsInput,
  RetryManyPublicationsOutput,
  RetryPublicationInput,
  UpdatePublicationInput,
  WatchPublicationsInput,
} from '@tidemark/core/publications/contract';
import { requireOwnJob } from '@tidemark/core/workers';
import { CSV_BODY, IMPORTING } from './csv-import.ts';
import { callSignal, operator, router, shape, trackedEvents, viewer, worker } from '../trpc.ts';
import { workerKeyOf } from '../worker-key.ts';

export const publicationsRouter = router({
  create: operator({
    audit: 'counted',
    method: 'POST',
    path: '/v1/publications',
    status: 201,
    has_idempotency_key: true,
    summary: 'Create a publication: one clip on one account of one platform',
    examples: { input: { clip_id: 'clip_1', platform: 'tiktok', social_account_id: 'acme', scheduled_for: '2026-12-01T12:00:00.000Z' } },
  })
    .input(CreatePublicationInput)
    .output(shape(Publication))
    .mutation(({ ctx, input }) => createPublication(ctx.core, input)),
  createMany: operator({
    audit: 'counted',
    method: 'POST',
    path: '/v1/publications/batch',
    status: 201,
    summary: 'Create up to 1,000 publications, all or nothing',
  })
    .input(CreateManyPublicationsInput)
    .output(shape(CreateManyPublicationsOutput))
    .mutation(({ ctx, input }) => createPublications(ctx.core, input)),
  list: viewer({
    method: 'GET',
    path: '/v1/publications',
    summary: 'List publications, newest first',
    description: 'Each that is not over says why it waits.',
  })
    .input(ListPublicationsInput)
    .output(shape(ListPublicationsOutput))
    .query(({ ctx, input }) => listPublications(ctx.core, input)),
  calendar: viewer({
    method: 'GET',
    path: '/v1/publications/calendar',
    summary: 'Count publications per day of a month or a week, by the time they are due',
    description:
      'Days are those of `timezone`, in whole weeks from Monday. The publications of a day are those of `GET /v1/publications` with the same filter and its `from` and `to` as `due_from` and `due_to`.',
  })
    .input(PublicationCalendarInput)
    .output(shape(PublicationCalendar))
    .query(({ ctx, input }) => getPublicationCalendar(ctx.core, input)),
  exportCsv: viewer({
    method: 'GET',
    path: '/v1/publications/export.csv',
    content_type: 'text/csv; charset=utf-8',
    summary: 'Download publications as CSV, newest first',
    description: 'Takes the filters of the list. Text that a spreadsheet would run as a formula begins with an apostrophe.',
  })
    .input(ExportPublicationsInput)
    .subscription(({ ctx, input, signal }) => exportPublications(ctx.core, input, callSignal(ctx, signal))),
  exportXlsx: viewer({
    method: 'GET',
    path: '/v1/publications/export.xlsx',
    content_type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    is_base64: true,
    summary: 'Download publications as an XLSX workbook, newest first',
    description: 'Takes the filters of the list. No cell is a formula. Over tRPC it comes in pieces of base64.',
  })
    .input(ExportPublicationsInput)
    .subscription(({ ctx, input, signal }) => exportWorkbook(ctx.core, input, callSignal(ctx, signal))),
  importCsv: operator({
    method: 'POST',
    path: '/v1/publications/import',
    text_body: CSV_BODY,
    summary: 'Create publications from a CSV of up to 100,000 rows',
    description: IMPORTING,
    examples: { input: { content: 'clip_id,platform,social_account_id\nclip_1,tiktok,acme\n' } },
  })
    .input(CsvImportInput)
    .output(shape(CsvImportAnswer))
    .mutation(({ ctx, input }) => importPublications(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/publications/{id}', summary: 'Get a publication with its attempts' })
    .input(PublicationInput)
    .output(shape(PublicationWithAttempts))
    .query(({ ctx, input }) => getPublication(ctx.core, input)),
  update: operator({
    method: 'PATCH',
    path: '/v1/publications/{id}',
    summary: 'Reschedule a publication, or say what became of it',
    description: 'For people and external publishers. Obeys the transition table; what the queue has sent can only be confirmed.',
    examples: { input: { status: 'success', external_id: 'post-1' } },
  })
    .input(UpdatePublicationInput)
    .output(shape(PublicationWithAttempts))
    .mutation(({ ctx, input }) => updatePublication(ctx.core, input)),
  cancel: operator({ method: 'POST', path: '/v1/publications/{id}/cancel', summary: 'Take a publication back before it is sent' })
    .input(PublicationInput)
    .output(shape(PublicationWithAttempts))
    .mutation(({ ctx, input }) => cancelPublication(ctx.core, input)),
  retry: operator({
    method: 'POST',
    path: '/v1/publications/{id}/retry',
    summary: 'Publish a failed or cancelled publication again',
    description: 'One whose outcome is not known needs `confirmed_not_published`.',
  })
    .input(RetryPublicationInput)
    .output(shape(PublicationWithAttempts))
    .mutation(({ ctx, input }) => retryPublication(ctx.core, input)),
  retryMany: operator({
    method: 'POST',
    path: '/v1/publications/retry',
    summary: 'Retry all failed publications of a cause',
    examples: { input: { sub_status: 'auth', social_account_id: 'acme' } },
  })
    .input(RetryManyPublicationsInput)
    .output(shape(RetryManyPublicationsOutput))
    .mutation(({ ctx, input }) => retryPublications(ctx.core, input)),
  reportResult: operator({
    method: 'POST',
    path: '/v1/publications/{id}/result',
    summary: 'Tell the result of a publication that was accepted before',
    description: 'The same result again changes nothing; a contradicting one is a CONFLICT.',
    examples: { input: { external_id: 'post-1', published_at: '2026-12-01T12:00:03.000Z' } },
  })
    .input(ReportResultInput)
    .output(shape(PublicationWithAttempts))
    .mutation(({ ctx, input }) => reportResult(ctx.core, input)),
  beginSend: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{job_id}/send',
    summary: 'Ask for the signed request of a publish job, right before sending it',
    description: 'For agents. From then on the attempt counts as sent: only an answer makes its outcome known.',
  })
    .input(BeginSendInput)
    .output(shape(BeginSendOutput))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return beginSend(ctx.core, input);
    }),
  live: viewer({
    method: 'GET',
    path: '/v1/publications/live',
    summary: 'Follow the changes of all publications',
    description: 'Without an event id it starts now. Resumes after `Last-Event-ID`; a `gap` event says that events were trimmed away.',
  })
    .input(WatchPublicationsInput)
    .subscription(async ({ ctx, input, signal }) => {
      const after = input.lastEventId ?? (await getHead(ctx.core, { stream: PUBLICATIONS_TOPIC }));
      return trackedEvents(ctx, watchStream(ctx.core, { stream: PUBLICATIONS_TOPIC, after }, callSignal(ctx, signal)));
    }),
});
