import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { UIEvent } from 'react';
import { plural } from '../lib/format.ts';
import type { LogLine } from '../lib/log-buffer.ts';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { LogRow } from './log-row.tsx';

const ROW_HEIGHT = 20;

/** Sticks to the end until the reader scrolls away from it, and counts what came since. */
function useFollow(count: number, scrollToEnd: () => void) {
  // Null while following; else how many lines there were when the reader left the end.
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const top = useRef(0);
  const isFollowing = leftAt === null;
  useEffect(() => {
    if (isFollowing && count > 0) scrollToEnd();
  }, [isFollowing, count, scrollToEnd]);
  const onScroll = (event: UIEvent<HTMLDivElement>): void => {
    const box = event.currentTarget;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_HEIGHT;
    // Only a move upwards is the reader's: growing content and our own scrolling move downwards.
    if (isAtEnd) setLeftAt(null);
    else if (box.scrollTop < top.current - 1) setLeftAt((last) => last ?? count);
    top.current = box.scrollTop;
  };
  return {
    isFollowing,
    unread: leftAt === null ? 0 : count - leftAt,
    onScroll,
    follow: () => setLeftAt(null),
    leave: () => setLeftAt((last) => last ?? count),
  };
}

interface LogLinesProps {
  lines: readonly LogLine[];
  isWrapped: boolean;
  isLive: boolean;
  /** The line to bring into view and to mark; a change of it stops following. */
  match: number | null;
}

/** The lines in view, in a box that scrolls by itself. */
export function LogLines({ lines, isWrapped, isLive, match }: LogLinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
  });
  const [scrollToEnd] = useState(() => () => virtualizer.scrollToIndex(virtualizer.options.count - 1, { align: 'end' }));
  const { isFollowing, unread, onScroll, follow, leave } = useFollow(lines.length, scrollToEnd);
  const [shownMatch, setShownMatch] = useState(match);
  if (shownMatch !== match) {
    setShownMatch(match);
    if (match !== null) leave();
  }
  useEffect(() => {
    if (match !== null) virtualizer.scrollToIndex(match, { align: 'center' });
  }, [match, virtualizer]);
  useEffect(() => virtualizer.measure(), [isWrapped, virtualizer]);
  return (
    <>
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Output lines"
        tabIndex={0}
        onScroll={onScroll}
        className="max-h-[min(68vh,46rem)] min-h-24 overflow-auto overscroll-contain bg-sunken py-2 font-mono text-xs/5 -outline-offset-2"
      >
        <div className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line === undefined ? null : (
              <div
                key={item.key}
                data-index={item.index}
                ref={isWrapped ? virtualizer.measureElement : undefined}
                className={cn('absolute top-0 left-0 flex min-w-full', isWrapped && 'w-full')}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogRow line={line} number={item.index + 1} isWrapped={isWrapped} isMatch={match === item.index} />
              </div>
            );
          })}
        </div>
      </div>
      {!isFollowing && isLive && (
        <Button size="small" className="absolute right-5 bottom-3 shadow-float" onClick={follow}>
          <ArrowDown aria-hidden className="size-3.5" />
          {unread > 0 ? plural(unread, 'new line') : 'Follow'}
        </Button>
      )}
    </>
  );
}
