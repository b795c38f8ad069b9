import type { Progress } from '@tidemark/core/workloads/contract';
import { formatCount } from '../lib/format.ts';

/** Determinate when the total is known; else only what is done. */
export function ProgressBar({ progress, isCompact = false }: { progress: Progress; isCompact?: boolean }) {
  const { done, total, message } = progress;
  const hasTotal = total !== undefined && total > 0;
  const ratio = hasTotal ? Math.min(1, (done ?? 0) / total) : null;
  const pct = ratio === null ? null : Math.floor(ratio * 100);
  return (
    <div className="flex min-w-0 flex-col gap-1 text-xs text-ink-soft">
      {ratio !== null && (
        <div className="flex items-center gap-2">
          <div
            role="progressbar"
            aria-label={message ?? 'Progress'}
            aria-valuenow={pct ?? 0}
            aria-valuemin={0}
            aria-valuemax={100}
            className="h-1.5 w-full max-w-64 min-w-20 overflow-hidden rounded-full bg-line"
          >
            <div className="h-full origin-left bg-blue" style={{ transform: `scaleX(${ratio})` }} />
          </div>
          <span className="whitespace-nowrap">{pct} %</span>
        </div>
      )}
      {!isCompact && (
        <span className="break-words">
          {done !== undefined && `${formatCount(done)}${hasTotal ? ` of ${formatCount(total)}` : ' done'}`}
          {done !== undefined && message !== undefined && ' · '}
          {message}
        </span>
      )}
    </div>
  );
}
