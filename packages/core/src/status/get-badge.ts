import { notFound } from '../errors.ts';
import { getMonitor } from '../monitors/index.ts';
import type { Monitor } from '../monitors/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { uptimePct } from '../uptime/index.ts';
import type { BadgeInput } from './contract.ts';
import { listOpenOutages, publicState } from './public-state.ts';

const HOUR_MS = 3_600_000;
const CHAR_PX = 7;
const PADDING_PX = 12;

const GREEN = '#2e7d32';
const YELLOW = '#8a6100';
const RED = '#c62828';
const GREY = '#5f6368';
const STATE_COLORS = { up: GREEN, down: RED, unknown: GREY, paused: GREY, maintenance: YELLOW } as const satisfies Record<
  Monitor['state'],
  string
>;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function draw(label: string, value: string, color: string): string {
  const left = label.length * CHAR_PX + PADDING_PX;
  const right = value.length * CHAR_PX + PADDING_PX;
  const [name, said] = [escaped(label), escaped(value)];
  const text = (x: number, content: string): string =>
    `<text x="${x}" y="14" fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${content}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${name}: ${said}"><title>${name}: ${said}</title>` +
    `<rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${color}"/>${text(left / 2, name)}${text(left + right / 2, said)}</svg>`
  );
}

function colorOf(pct: number): string {
  return pct >= 99 ? GREEN : pct >= 95 ? YELLOW : RED;
}

/** A badge as SVG. @throws {AppError} NOT_FOUND also for a monitor that is not public: a badge tells nobody that it exists */
export async function getBadge(ctx: CoreContext, input: BadgeInput): Promise<string> {
  const monitor = await getMonitor(ctx, input);
  if (!monitor.public) throw notFound('monitor', input.test_id);
  const isWatched = monitor.state !== 'unknown' && monitor.state !== 'paused';
  if (input.metric === 'status') {
    const [outage] = await listOpenOutages(ctx.database.db, input.test_id);
    const state = publicState(monitor.state, outage);
    const said = state === 'unknown' && monitor.last_run_at === null ? 'no result yet' : state;
    return draw(input.label ?? monitor.name.slice(0, 40), said, STATE_COLORS[state]);
  }
  const now = ctx.now();
  const [counts] = await ctx.runs.countRuns([input.test_id], { from: now - input.hours * HOUR_MS, to: now + 1 });
  const { total, passed, duration_ms_sum } = counts ?? { total: 0, passed: 0, duration_ms_sum: 0 };
  const window = input.hours % 24 === 0 ? `${input.hours / 24}d` : `${input.hours}h`;
  const label = input.label ?? `${input.metric} ${window}`;
  if (total === 0) return draw(label, 'no data', GREY);
  // A figure of the past is no word on the present: green is for what is being watched.
  if (input.metric === 'latency') return draw(label, `${Math.round(duration_ms_sum / total)} ms`, isWatched ? GREEN : GREY);
  const pct = uptimePct(passed, total);
  return draw(label, `${pct.toFixed(1)} %`, isWatched ? colorOf(pct) : GREY);
}
