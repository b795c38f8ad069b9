import { memo } from 'react';
import { parseAnsi } from '../lib/ansi.ts';
import { visibleText } from '../lib/log-buffer.ts';
import type { LogLine } from '../lib/log-buffer.ts';
import { formatCount } from '../lib/format.ts';
import { cn } from './class-names.ts';

/** Longer lines are cut on screen; copying and downloading have all of them. */
const MAX_CHARS = 5000;

interface LogRowProps {
  line: LogLine;
  number: number;
  isWrapped: boolean;
  isMatch: boolean;
}

export const LogRow = memo(function LogRow({ line, number, isWrapped, isMatch }: LogRowProps) {
  const text = visibleText(line.text);
  const rest = text.length - MAX_CHARS;
  return (
    <>
      <span aria-hidden className="sticky left-0 w-14 shrink-0 bg-sunken pr-3 text-right text-ink-mute select-none">
        {number}
      </span>
      <span
        className={cn(
          'min-h-5 flex-1 pr-4 text-ink',
          isWrapped ? 'break-all whitespace-pre-wrap' : 'whitespace-pre',
          line.stream === 'stderr' && 'border-l-2 border-amber pl-2 -ml-2.5',
          line.stream === 'log' && 'text-ink-mute italic',
          isMatch && 'bg-amber/25',
        )}
      >
        {line.stream === 'stderr' && <span className="sr-only">stderr: </span>}
        {parseAnsi(rest > 0 ? text.slice(0, MAX_CHARS) : text).map((run, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- runs of a line have no other identity and never move
          <span key={index} className={run.className}>
            {run.text}
          </span>
        ))}
        {rest > 0 && <span className="text-ink-mute"> … {formatCount(rest)} more characters</span>}
      </span>
    </>
  );
});
