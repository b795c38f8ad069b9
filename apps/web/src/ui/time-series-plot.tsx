import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { DASHES, formatTick, lonelyPoints, stack } from './series.ts';
import { toneColour, variableColour } from './series-colour.ts';
import { drawMarks, drawSpans } from './series-marks.ts';
import type { SeriesData, SeriesLine, SeriesSpan } from './series.ts';

export interface TimeSeriesPlotProps {
  data: SeriesData;
  drawing: 'line' | 'stack';
  spans: readonly SeriesSpan[];
  from: number;
  to: number;
  bucketMs: number;
  timeZone: string;
  formatValue(value: number): string;
  /** Values are counts: no tick stands between two of them. */
  isWhole: boolean;
  height: number;
  /** Index of the chosen point, and of the other end of a selection made by keyboard. */
  cursor: number | null;
  anchor: number | null;
  onCursor(index: number | null): void;
  onSelect(from: number, to: number): void;
}

const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
function watchTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

const currentTheme = (): string => document.documentElement.dataset['theme'] ?? 'light';

function lineOptions(line: SeriesLine, index: number, count: number): UPlot.Series {
  return {
    stroke: toneColour(line.tone),
    width: 1.75,
    dash: [...(DASHES[count === 1 ? 0 : (count - 1 - index) % DASHES.length] ?? [])],
    ...(count === 1 ? { fill: toneColour(line.tone, 0.14) } : {}),
    points: { size: 5, filter: (plot, series) => lonelyPoints([...(plot.data[series] ?? [])]) },
  };
}

function stackOptions(line: SeriesLine, bucketMs: number): UPlot.Series {
  const bars = UPlot.paths.bars?.({ size: [0.84, 48], align: 0 });
  return {
    fill: toneColour(line.tone, line.tone === 'green' ? 0.75 : 1),
    width: 0,
    points: { show: false },
    ...(bars === undefined || bucketMs === 0 ? {} : { paths: bars }),
  };
}

function drawn(lines: readonly SeriesLine[]): SeriesLine[] {
  return lines.filter((line) => line.isMark !== true);
}

/** uPlot draws series in order; of a stack the tallest sums come first, so that the lower ones cover them. */
function toAligned(data: SeriesData, drawing: 'line' | 'stack', bucketMs: number): UPlot.AlignedData {
  if (drawing === 'line') return [[...data.times], ...drawn(data.lines).map((line) => [...line.values])];
  // A bar stands in the middle of its bucket, not on its start.
  return [data.times.map((time) => time + bucketMs / 2), ...stack(data.lines, data.times.length).toReversed()];
}

function axes({ timeZone, formatValue, isWhole }: TimeSeriesPlotProps): UPlot.Axis[] {
  const font = '11px "IBM Plex Sans Variable", ui-sans-serif, sans-serif';
  const grid = { stroke: variableColour('--line'), width: 1 };
  const shared = { stroke: variableColour('--ink-mute'), font, ticks: { show: false } };
  return [
    {
      ...shared,
      grid: { show: false },
      space: 64,
      size: 36,
      gap: 6,
      values: (...[, splits, , , stepMs]) => splits.map((ms, index) => formatTick({ ms, stepMs, previousMs: splits[index - 1] }, timeZone)),
    },
    {
      ...shared,
      grid,
      space: 36,
      ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
      gap: 6,
      size: (_plot, values) => 16 + 6.2 * Math.max(2, ...(values ?? []).map((text) => text.length)),
      values: (_plot, splits) => splits.map(formatValue),
    },
  ];
}

interface Events {
  /** What is drawn besides the lines. */
  extras(): Pick<TimeSeriesPlotProps, 'data' | 'spans' | 'bucketMs'>;
  onCursor(index: number | null): void;
  onSelect(from: number, to: number): void;
}

function options(props: TimeSeriesPlotProps, width: number, events: Events): UPlot.Options {
  const { data, drawing, bucketMs } = props;
  const lines = drawing === 'stack' ? data.lines.toReversed() : drawn(data.lines);
  return {
    width,
    height: props.height,
    ms: 1,
    padding: [10, 22, 0, 4],
    tzDate: (ms) => UPlot.tzDate(new Date(ms), props.timeZone),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    scales: {
      x: { range: (_plot, from, to) => [from, to] },
      y: { range: (_plot, _low, high) => [0, high === null || high <= 0 ? 1 : high * 1.08] },
    },
    axes: axes(props),
    series: [
      {},
      ...lines.map((line, index) => (drawing === 'stack' ? stackOptions(line, bucketMs) : lineOptions(line, index, lines.length))),
    ],
    hooks: {
      drawClear: [(plot) => drawSpans(plot, events.extras().spans)],
      draw: [(plot) => drawMarks(plot, events.extras())],
      setCursor: [(plot) => events.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < 6) return;
          events.onSelect(plot.posToVal(left, 'x'), plot.posToVal(left + selected, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Puts the cursor on the point chosen by keys; one under the mouse is there already. */
function pointAt(plot: UPlot, index: number | null, ms: number | undefined): void {
  if (index === null || ms === undefined) plot.setCursor({ left: -10, top: -10 }, false);
  else if (plot.cursor.idx !== index) plot.setCursor({ left: plot.valToPos(ms, 'x'), top: 0 }, false);
}

function Drawing(props: TimeSeriesPlotProps) {
  const { data, drawing, spans, bucketMs, cursor, anchor, from, to, height } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const extras = useRef({ data, spans, bucketMs });
  const onCursor = useEffectEvent((index: number | null) => props.onCursor(index));
  const onSelect = useEffectEvent((start: number, end: number) => props.onSelect(start, end));
  const create = useEffectEvent((parent: HTMLElement) => {
    const events: Events = {
      extras: () => extras.current,
      onCursor: (index) => onCursor(index),
      onSelect: (start, end) => onSelect(start, end),
    };
    return new UPlot(options(props, parent.clientWidth, events), toAligned(data, drawing, bucketMs), parent);
  });

  useEffect(() => {
    const parent = box.current;
    if (parent === null) return undefined;
    const created = create(parent);
    plot.current = created;
    const observer = new ResizeObserver(() => created.setSize({ width: parent.clientWidth, height: created.height }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => {
    extras.current = { data, spans, bucketMs };
    plot.current?.redraw(false);
  }, [data, spans, bucketMs]);

  useEffect(() => {
    plot.current?.setData(toAligned(data, drawing, bucketMs), false);
    plot.current?.setScale('x', { min: from, max: to });
  }, [data, drawing, bucketMs, from, to]);

  useEffect(() => {
    const time = cursor === null ? undefined : data.times[cursor];
    if (plot.current !== null)
      pointAt(plot.current, cursor, time === undefined ? undefined : time + (drawing === 'stack' ? bucketMs / 2 : 0));
  }, [data, cursor, drawing, bucketMs]);

  useEffect(() => {
    const shown = plot.current;
    if (shown === null || anchor === null || cursor === null) return undefined;
    // From the start of the first bucket to the end of the last one, which is what a zoom would show.
    const left = shown.valToPos(data.times[Math.min(anchor, cursor)] ?? 0, 'x');
    const right = shown.valToPos((data.times[Math.max(anchor, cursor)] ?? 0) + bucketMs, 'x');
    shown.setSelect({ left, top: 0, width: right - left, height: shown.over.clientHeight }, false);
    return () => shown.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }, [data, cursor, anchor, bucketMs]);

  return <div ref={box} aria-hidden className="w-full overflow-hidden" style={{ height }} />;
}

/** The drawing alone; its words, table and keyboard are in `TimeSeries`. Made anew when its form or its colours change. */
export function TimeSeriesPlot(props: TimeSeriesPlotProps) {
  const theme = useSyncExternalStore(watchTheme, currentTheme);
  const lines = props.data.lines.map((line) => `${line.key}:${line.tone}`).join(' ');
  return <Drawing key={`${theme} ${props.timeZone} ${props.drawing} ${props.bucketMs} ${props.height} ${lines}`} {...props} />;
}
