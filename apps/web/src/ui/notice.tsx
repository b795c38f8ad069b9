import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Failure } from '../lib/failure.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';

/** A strip inside a panel: what failed, how to try again, and the id to look it up by. Never replaces the page. */
export function FailureStrip({ failure, what, onRetry }: { failure: Failure; what: string; onRetry?: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-red/60 bg-surface px-3 py-2 text-sm">
      <CircleAlert aria-hidden className="size-4 shrink-0 text-red" />
      <span className="min-w-0 flex-1 basis-56 break-words">
        <strong className="font-semibold">{what}</strong> {failure.message}
      </span>
      {failure.request_id !== undefined && (
        <span className="inline-flex items-center gap-1 font-mono text-xs text-ink-soft">
          {failure.request_id}
          <CopyButton value={failure.request_id} label="Copy request id" />
        </span>
      )}
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  );
}

export function WarningStrip({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-amber/60 bg-surface px-3 py-2 text-sm"
    >
      <TriangleAlert aria-hidden className="size-4 shrink-0 text-amber" />
      {children}
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <svg aria-hidden viewBox="0 0 96 24" className="mb-1 w-24 text-line-strong">
        <path
          d="M2 16c11.5 0 11.5-9 23-9s11.5 9 23 9 11.5-9 23-9 11.5 9 23 9"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
        />
      </svg>
      <p className="font-semibold">{title}</p>
      <div className="flex max-w-md flex-col items-center gap-3 text-sm text-ink-soft">{children}</div>
    </div>
  );
}

/** A command to copy, on one line. */
export function Command({ children }: { children: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-1 pl-3 font-mono text-xs text-ink">
      <span className="overflow-x-auto whitespace-nowrap">{children}</span>
      <CopyButton value={children} label="Copy command" />
    </span>
  );
}
