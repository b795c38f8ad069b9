import { useVirtualizer } from '@tanstack/react-virtual';
import type { Virtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ChevronDown, ChevronUp, Download, WrapText } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { downloadText } from '../lib/clipboard.ts';
import { formatCount, plural } from '../lib/format.ts';
import { stripAnsi } from '../lib/ansi.ts';
import type { LogBuffer, LogLine } from '../lib/log-buffer.ts';
import { Button, IconButton } from './button.tsx';
import { cn } from './class-names.ts';
import { CopyButton } from './copy-button.tsx';
import { LogRow } from './log-row.tsx';

interface LogViewerProps {
  buffer: LogBuffer;
  /** Name of the file a download makes. */
  fileName: string;
  /** More may come. */
  isLive: boolean;
  /** Shown in place of lines while there are none. */
  empty: ReactNode;
}

const ROW_HEIGHT = 20;

/** Sticks to the end until the reader scrolls away from it, and counts what came since. */
function useFollow(virtualizer: Virtualizer<HTMLDivElement, Element>, count: number) {
  const [isFollowing, setFollowing] = useState(true);
  const [leftAt, setLeftAt] = useState(0);
  const top = useRef(0);
  const isProgrammatic = useRef(false);
  useEffect(() => {
    if (!isFollowing || count === 0) return;
    isProgrammatic.current = true;
    virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [isFollowing, count, virtualizer]);
  const onScroll = (event: React.UIEvent<HTMLDivElement>): void => {
    const box = event.currentTarget;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_HEIGHT;
    const wentUp = box.scrollTop < top.current - 1;
    top.current = box.scrollTop;
    if (isAtEnd) {
      isProgrammatic.current = false;
      setFollowing(true);
    } else if (wentUp || !isProgrammatic.current) {
      if (isFollowing) setLeftAt(count);
      setFollowing(false);
    }
  };
  return { isFollowing, unread: isFollowing ? 0 : count - leftAt, onScroll, follow: () => setFollowing(true), leave: () => { setLeftAt(count); setFollowing(false); } };
}

/** Line numbers that contain the text, ignoring case. */
function useMatches(lines: readonly LogLine[], version: number, query: string): number[] {
  const needle = useDeferredValue(query.trim().toLowerCase());
  return useMemo(() => {
    if (needle === '' || version < 0) return [];
    return lines.flatMap((line, index) => (stripAnsi(line.text).toLowerCase().includes(needle) ? [index] : []));
  }, [lines, version, needle]);
}

interface FindProps {
  query: string;
  matches: readonly number[];
  current: number;
  onQuery(query: string): void;
  onStep(by: number): void;
}

function Find({ query, matches, current, onQuery, onStep }: FindProps) {
  return (
    <form
      role="search"
      className="flex items-center gap-0.5"
      onSubmit={(event) => {
        event.preventDefault();
        onStep(1);
      }}
    >
      <input type="search" aria-label="Find in output" placeholder="Find" className="field h-7 w-28 text-xs sm:w-40" value={query} onChange={(event) => onQuery(event.target.value)} />
      {query !== '' && (
        <>
          <span role="status" className="px-1 whitespace-nowrap">
            {matches.length === 0 ? 'none' : `${formatCount(current + 1)} of ${formatCount(matches.length)}`}
          </span>
          <IconButton label="Previous match" className="size-7" disabled={matches.length === 0} onClick={() => onStep(-1)}>
            <ChevronUp aria-hidden className="size-4" />
          </IconButton>
          <IconButton label="Next match" className="size-7" disabled={matches.length === 0} onClick={() => onStep(1)}>
            <ChevronDown aria-hidden className="size-4" />
          </IconButton>
        </>
      )}
    </form>
  );
}

interface ToolsProps {
  buffer: LogBuffer;
  count: number;
  fileName: string;
  isWrapped: boolean;
  onWrap(): void;
  find: FindProps;
}

function Tools({ buffer, count, fileName, isWrapped, onWrap, find }: ToolsProps) {
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-4 py-1 text-xs text-ink-soft">
      <h2 id="output-title" className="text-sm font-semibold text-ink">
        Output
      </h2>
      {count > 0 && <span>{plural(count, 'line')}</span>}
      <div className={cn('ml-auto flex flex-wrap items-center gap-0.5', count === 0 && 'hidden')}>
        <Find {...find} />
        <IconButton label="Wrap long lines" aria-pressed={isWrapped} className={cn('size-7', isWrapped && 'bg-sunken text-ink')} onClick={onWrap}>
          <WrapText aria-hidden className="size-4" />
        </IconButton>
        <CopyButton value={() => buffer.text()} label="Copy output" />
        <IconButton label="Download output" className="size-7" onClick={() => downloadText(fileName, buffer.text())}>
          <Download aria-hidden className="size-4" />
        </IconButton>
      </div>
    </div>
  );
}

/** Output of any length: only the lines in view exist in the page. Silent to assistive technology; it can be read, copied and searched. */
export function LogViewer({ buffer, fileName, isLive, empty }: LogViewerProps) {
  const { lines, version } = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const box = useRef<HTMLDivElement>(null);
  const [isWrapped, setWrapped] = useState(false);
  const [query, setQuery] = useState('');
  const [step, setStep] = useState(0);
  const virtualizer = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => ROW_HEIGHT, overscan: 20 });
  const { isFollowing, unread, onScroll, follow, leave } = useFollow(virtualizer, lines.length);
  const matches = useMatches(lines, version, query);
  const current = matches.length === 0 ? 0 : ((step % matches.length) + matches.length) % matches.length;
  const onStep = (by: number): void => {
    const next = query === '' || matches.length === 0 ? 0 : (current + by + matches.length) % matches.length;
    setStep(next);
    leave();
    virtualizer.scrollToIndex(matches[next] ?? 0, { align: 'center' });
  };
  useEffect(() => virtualizer.measure(), [isWrapped, virtualizer]);
  const find = { query, matches, current, onStep, onQuery: (text: string) => { setQuery(text); setStep(0); } };
  return (
    <section aria-labelledby="output-title" className="panel relative flex min-w-0 flex-col overflow-hidden">
      <Tools buffer={buffer} count={lines.length} fileName={fileName} isWrapped={isWrapped} onWrap={() => setWrapped(!isWrapped)} find={find} />
      {lines.length === 0 ? (
        <div className="px-4 py-10 text-center text-sm text-ink-soft">{empty}</div>
      ) : (
        <div ref={box} role="log" aria-live="off" aria-label="Output lines" tabIndex={0} onScroll={onScroll} className="max-h-[min(68vh,46rem)] min-h-24 overflow-auto overscroll-contain bg-sunken py-2 font-mono text-xs/5 -outline-offset-2">
          <div className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => {
              const line = lines[item.index];
              return line === undefined ? null : (
                <div key={item.key} data-index={item.index} ref={isWrapped ? virtualizer.measureElement : undefined} className={cn('absolute top-0 left-0 flex min-w-full', isWrapped && 'w-full')} style={{ transform: `translateY(${item.start}px)` }}>
                  <LogRow line={line} number={item.index + 1} isWrapped={isWrapped} isMatch={query !== '' && matches[current] === item.index} />
                </div>
              );
            })}
          </div>
        </div>
      )}
      {!isFollowing && isLive && (
        <Button size="small" className="absolute right-5 bottom-3 shadow-float" onClick={follow}>
          <ArrowDown aria-hidden className="size-3.5" />
          {unread > 0 ? plural(unread, 'new line') : 'Follow'}
        </Button>
      )}
    </section>
  );
}
