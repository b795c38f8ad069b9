import type UPlot from 'uplot';
import { toneColour } from './series-colour.ts';
import type { SeriesData, SeriesSpan } from './series.ts';

const ARM_PX = 3.5;

/** Shades stretches of time behind everything else. */
export function drawSpans(plot: UPlot, spans: readonly SeriesSpan[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { from, to, tone } of spans) {
    const left = plot.valToPos(from, 'x', true);
    const width = Math.max(1, plot.valToPos(to, 'x', true) - left);
    ctx.fillStyle = toneColour(tone, 0.13);
    ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Puts a cross on the axis wherever a line of marks counts something. */
export function drawMarks(plot: UPlot, { data, bucketMs }: { data: SeriesData; bucketMs: number }): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const arm = ARM_PX * scale;
  const y = bbox.top + bbox.height - arm - 2 * scale;
  for (const line of data.lines.filter((entry) => entry.isMark === true)) {
    ctx.save();
    ctx.strokeStyle = toneColour(line.tone);
    ctx.lineWidth = 1.75 * scale;
    ctx.beginPath();
    line.values.forEach((value, index) => {
      const time = data.times[index];
      if (value === null || value === 0 || time === undefined) return;
      // The middle of the bucket that still grows lies after the end of the chart.
      const x = Math.min(plot.valToPos(time + bucketMs / 2, 'x', true), bbox.left + bbox.width - arm);
      if (x < bbox.left) return;
      ctx.moveTo(x - arm, y - arm);
      ctx.lineTo(x + arm, y + arm);
      ctx.moveTo(x + arm, y - arm);
      ctx.lineTo(x - arm, y + arm);
    });
    ctx.stroke();
    ctx.restore();
  }
}
