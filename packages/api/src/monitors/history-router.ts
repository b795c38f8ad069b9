import { backTest, listOutages } from '@tidemark/core/outages';
import { BackTest, BackTestInput, ListMonitorOutagesInput, ListOutagesOutput } from '@tidemark/core/outages/contract';
import {
  excludeSpan,
  exportResultLines,
  exportResults,
  getRun,
  listIncidents,
  listResults,
  listSpans,
  listTiming,
  revokeSpan,
  watchMonitor,
} from '@tidemark/core/runs';
import {
  ExcludedSpan,
  ExcludeSpanInput,
  ExportResultsInput,
  GetRunInput,
  ListIncidentsInput,
  ListIncidentsOutput,
  ListResultsInput,
  ListResultsOutput,
  ListSpansInput,
  ListSpansOutput,
  ListTimingInput,
  ListTimingOutput,
  RevokeSpanInput,
  Run,
  WatchMonitorInput,
} from '@tidemark/core/runs/contract';
import { explainUptime, getMonitorSeries, getSlo, getTimeline, getUptime, glanceMonitors, listUptimes } from '@tidemark/core/uptime';
import {
  Glance,
  GlanceInput,
  ListUptimesInput,
  ListUptimesOutput,
  UptimeInput,
  MonitorSeries,
  MonitorSeriesInput,
  Slo,
  Timeline,
  TimelineInput,
  Uptime,
  UptimeExplanation,
} from '@tidemark/core/uptime/contract';
import { MonitorInput } from '@tidemark/core/monitors/contract';
import { shownIncident, shownLiveEvents, shownOutages, shownRun } from '../shown-runs.ts';
import { callSignal, operator, router, shape, trackedEvents, viewer } from '../trpc.ts';
import { RUN_EXAMPLE } from './examples.ts';

/** What happened to a monitor: the endpoints of its history. */
export const historyRouter = router({
  results: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/results',
    summary: 'List the runs of a monitor, newest first',
    examples: { output: { test_id: 'abc12345', results: [RUN_EXAMPLE], total: 47, limit: 20, offset: 0, next_cursor: null } },
  })
    .input(ListResultsInput)
    .output(shape(ListResultsOutput))
    .query(async ({ ctx, input }) => {
      const page = await listResults(ctx.core, input);
      return { ...page, results: page.results.map((run) => shownRun(ctx.actor, run)) };
    }),

  exportResultsCsv: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/results.csv',
    content_type: 'text/csv; charset=utf-8',
    summary: 'Download the runs of a monitor as CSV, newest first',
    description: 'Takes the filters of the list and a window. Text that a spreadsheet would run as a formula begins with an apostrophe.',
  })
    .input(ExportResultsInput)
    .subscription(({ ctx, input, signal }) =>
      exportResults(ctx.core, { ...input, shown: (run) => shownRun(ctx.actor, run) }, callSignal(ctx, signal)),
    ),

  exportResultsLines: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/results.jsonl',
    content_type: 'application/jsonl; charset=utf-8',
    summary: 'Download the runs of a monitor as JSON lines, newest first',
    description: 'Takes the filters of the list and a window. Each line is a run with its steps, without its artifacts.',
  })
    .input(ExportResultsInput)
    .subscription(({ ctx, input, signal }) =>
      exportResultLines(ctx.core, { ...input, shown: (run) => shownRun(ctx.actor, run) }, callSignal(ctx, signal)),
    ),

  result: viewer({ method: 'GET', path: '/api/tests/{test_id}/results/{run_id}', summary: 'Get one run with its steps' })
    .input(GetRunInput)
    .output(shape(Run))
    .query(async ({ ctx, input }) => shownRun(ctx.actor, await getRun(ctx.core, input))),

  timing: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/timing',
    summary: 'Durations of the runs of a monitor, newest first',
    examples: {
      output: {
        test_id: 'abc12345',
        timing: [{ timestamp: '2026-02-14T10:00:00.000Z', duration_ms: 12_340, run_id: 'a1b2c3d4' }],
        total: 47,
        next_cursor: null,
      },
    },
  })
    .input(ListTimingInput)
    .output(shape(ListTimingOutput))
    .query(({ ctx, input }) => listTiming(ctx.core, input)),

  uptime: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/uptime',
    summary: 'Uptime of a monitor, by runs and by time',
    description:
      'Over the last `hours`, or any window `[from, to)`. `uptime_pct` is floored to one decimal: 100.0 only when nothing failed.',
  })
    .input(UptimeInput)
    .output(shape(Uptime))
    .query(({ ctx, input }) => getUptime(ctx.core, input)),

  uptimes: viewer({
    method: 'GET',
    path: '/v1/monitors/uptime',
    summary: 'Uptime of up to 200 monitors at once, exact over any window',
  })
    .input(ListUptimesInput)
    .output(shape(ListUptimesOutput))
    .query(({ ctx, input }) => listUptimes(ctx.core, input)),

  explain: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/uptime/explain',
    summary: 'Why an uptime is what it is',
    description: 'Every failed run, every span left out, the states over time and the rules behind the figures.',
  })
    .input(UptimeInput)
    .output(shape(UptimeExplanation))
    .query(async ({ ctx, input }) => {
      const explained = await explainUptime(ctx.core, input);
      return { ...explained, failed_runs: explained.failed_runs.map((run) => shownRun(ctx.actor, run)) };
    }),

  timeline: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/timeline',
    summary: 'States of a monitor over time, whole and cut into cells',
    description: 'Cells of equal length, or one per calendar day of a zone: a day of 23 or 25 hours has its real length.',
  })
    .input(TimelineInput)
    .output(shape(Timeline))
    .query(({ ctx, input }) => getTimeline(ctx.core, input)),

  glance: viewer({
    method: 'GET',
    path: '/v1/monitors/glance',
    summary: 'Uptime, 95th percentile and 45 cells of up to 200 monitors at once',
  })
    .input(GlanceInput)
    .output(shape(Glance))
    .query(({ ctx, input }) => glanceMonitors(ctx.core, input)),

  series: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/series',
    summary: 'Runs and durations per 5 minutes, hour or day',
    description: 'Percentiles (p50, p95, p99) come with hours and days.',
  })
    .input(MonitorSeriesInput)
    .output(shape(MonitorSeries))
    .query(({ ctx, input }) => getMonitorSeries(ctx.core, input)),

  slo: viewer({ method: 'GET', path: '/api/tests/{test_id}/slo', summary: 'Error budget of a monitor, and how fast it burns' })
    .input(MonitorInput)
    .output(shape(Slo))
    .query(({ ctx, input }) => getSlo(ctx.core, input)),

  incidents: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/incidents',
    summary: 'List the failed runs of a monitor, newest first',
  })
    .input(ListIncidentsInput)
    .output(shape(ListIncidentsOutput))
    .query(async ({ ctx, input }) => {
      const page = await listIncidents(ctx.core, input);
      return { ...page, incidents: page.incidents.map((incident) => shownIncident(ctx.actor, incident)) };
    }),

  outages: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/outages',
    summary: 'List the outages of a monitor, newest first',
    description: 'Failures that follow each other are one outage; alerts are sent for outages.',
  })
    .input(ListMonitorOutagesInput)
    .output(shape(ListOutagesOutput))
    .query(async ({ ctx, input }) => shownOutages(ctx.actor, await listOutages(ctx.core, input))),

  exclusions: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/exclusions',
    summary: 'List stretches of time taken out of the figures, revoked ones included',
  })
    .input(ListSpansInput)
    .output(shape(ListSpansOutput))
    .query(({ ctx, input }) => listSpans(ctx.core, input)),

  exclude: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/exclusions',
    status: 201,
    summary: 'Take a stretch of the past out of the figures, with a reason',
    description: 'Runs, time and explanations follow at once. The runs stay in the history, and it can be revoked.',
  })
    .input(ExcludeSpanInput)
    .output(shape(ExcludedSpan))
    .mutation(({ ctx, input }) => excludeSpan(ctx.core, input, ctx.actor.id ?? 'anyone')),

  revokeExclusion: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/exclusions/{id}/revoke',
    summary: 'Make an excluded stretch count again',
  })
    .input(RevokeSpanInput)
    .output(shape(ExcludedSpan))
    .mutation(({ ctx, input }) => revokeSpan(ctx.core, input, ctx.actor.id ?? 'anyone')),

  backTest: viewer({
    method: 'POST',
    path: '/api/tests/{test_id}/alert/back-test',
    summary: 'Replay recorded runs under an alert policy',
    description: 'Changes nothing: what the policy would have told, beside what the saved one would have.',
  })
    .input(BackTestInput)
    .output(shape(BackTest))
    .mutation(({ ctx, input }) => backTest(ctx.core, input)),

  live: viewer({
    method: 'GET',
    path: '/api/tests/{test_id}/live',
    summary: 'Follow the runs of a monitor as they happen',
    description:
      'Replays the last 50 events, then tails. Resumes after `Last-Event-ID` without a gap or a duplicate; one `gap` event first when that id was trimmed away.',
  })
    .input(WatchMonitorInput)
    .subscription(async ({ ctx, input, signal }) => {
      const events = await watchMonitor(ctx.core, input, callSignal(ctx, signal));
      return trackedEvents(ctx, shownLiveEvents(ctx.actor, events));
    }),
});
