import { useRouter, useRouterState } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Button } from './button.tsx';

interface PagerProps {
  /** Of the page after this one; null on the last. */
  next: string | null;
  /** Of this page; undefined on the first. */
  cursor: string | undefined;
  /** What lies further on and further back: "Older" and "Newer". */
  words?: { onward: string; back: string; start: string };
  onGo(cursor: string | undefined, trail: string[]): void;
}

const BY_TIME = { onward: 'Older', back: 'Newer', start: 'Newest' };

/** Forward by cursor; back through the pages that were read, which the browser's history remembers too. */
export function Pager({ next, cursor, words = BY_TIME, onGo }: PagerProps) {
  const router = useRouter();
  const trail = useRouterState({ select: (state) => state.location.state.trail ?? [] });
  if (next === null && cursor === undefined) return null;
  const isCounted = trail.length > 0 || cursor === undefined;
  const goBack = (): void => {
    if (trail.length > 0) router.history.back();
    else onGo(undefined, []);
  };
  return (
    <nav aria-label="Pages of the list" className="flex items-center gap-2 border-t border-line px-3 py-2 text-sm text-ink-soft">
      <span>{isCounted ? `Page ${trail.length + 1}` : 'A later page'}</span>
      <Button size="small" className="ml-auto" disabled={cursor === undefined} onClick={goBack}>
        <ChevronLeft aria-hidden className="size-3.5" /> {isCounted ? words.back : words.start}
      </Button>
      <Button
        size="small"
        disabled={next === null}
        onClick={() => {
          if (next !== null) onGo(next, [...trail, cursor ?? '']);
        }}
      >
        {words.onward} <ChevronRight aria-hidden className="size-3.5" />
      </Button>
    </nav>
  );
}
