import { ChevronDown, ChevronUp, Download, WrapText } from 'lucide-react';
import { useDeferredValue, useMemo, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { downloadText } from '../lib/clipboard.ts';
import { formatCount, plural } from '../lib/format.ts';
import { stripAnsi } from '../lib/ansi.ts';
import type { LogBuffer, LogLine } from '../lib/log-buffer.ts';
import { IconButton } from './button.tsx';
import { cn } from './class-names.ts';
import { CopyButton } from './copy-button.tsx';
import { LogLines } from './log-lines.tsx';

interface LogViewerProps {
  /** "Output" when left out. */
  title?: string;
  buffer: LogBuffer;
  /** Name of the file a download makes. */
  fileName: string;
  /** More may come. */
  isLive: boolean;
  /** Shown in place of lines while there are none. */
  empty: ReactNode;
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
      <input
        type="search"
        aria-label="Find in output"
        placeholder="Find"
        className="field h-7 w-28 text-xs sm:w-40"
        value={query}
        onChange={(event) => onQuery(event.target.value)}
      />
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
  title: string;
  buffer: LogBuffer;
  count: number;
  fileName: string;
  isWrapped: boolean;
  onWrap(): void;
  find: FindProps;
}

function Tools({ title, buffer, count, fileName, isWrapped, onWrap, find }: ToolsProps) {
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-4 py-1 text-xs text-ink-soft">
      <h2 id="output-title" className="text-sm font-semibold text-ink">
        {title}
      </h2>
      {count > 0 && <span>{plural(count, 'line')}</span>}
      <div className={cn('ml-auto flex flex-wrap items-center gap-0.5', count === 0 && 'hidden')}>
        <Find {...find} />
        <IconButton
          label="Wrap long lines"
          aria-pressed={isWrapped}
          className={cn('size-7', isWrapped && 'bg-sunken text-ink')}
          onClick={onWrap}
        >
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

/** Which of the matches is shown; null while nothing is looked for or found. */
function useFind(lines: readonly LogLine[], version: number): FindProps & { match: number | null } {
  const [query, setQuery] = useState('');
  const [step, setStep] = useState(0);
  const matches = useMatches(lines, version, query);
  const current = matches.length === 0 ? 0 : Math.min(step, matches.length - 1);
  return {
    query,
    matches,
    current,
    match: query === '' ? null : (matches[current] ?? null),
    onQuery(text) {
      setQuery(text);
      setStep(0);
    },
    onStep(by) {
      if (matches.length > 0) setStep((current + by + matches.length) % matches.length);
    },
  };
}

/** Output of any length: only the lines in view exist in the page. Silent to assistive technology; it can be read, copied and searched. */
export function LogViewer({ title = 'Output', buffer, fileName, isLive, empty }: LogViewerProps) {
  const { lines, version } = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const [isWrapped, setWrapped] = useState(false);
  const { match, ...find } = useFind(lines, version);
  return (
    <section aria-labelledby="output-title" className="panel relative flex min-w-0 flex-col overflow-hidden">
      <Tools
        title={title}
        buffer={buffer}
        count={lines.length}
        fileName={fileName}
        isWrapped={isWrapped}
        onWrap={() => setWrapped(!isWrapped)}
        find={find}
      />
      {lines.length === 0 ? (
        <div className="px-4 py-10 text-center text-sm text-ink-soft">{empty}</div>
      ) : (
        <LogLines lines={lines} isWrapped={isWrapped} isLive={isLive} match={match} />
      )}
    </section>
  );
}
