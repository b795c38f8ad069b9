import type { ReactNode } from 'react';
import { cn } from './class-names.ts';

interface PageHeaderProps {
  title: ReactNode;
  children?: ReactNode;
  /** Under the title: one line that answers "is it fine?". */
  lead?: ReactNode;
}

/** The only `h1` of a page, with its actions to the right. */
export function PageHeader({ title, children, lead }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-2">
      <div className="min-w-0 flex-1 basis-50">
        <h1 className="text-[1.375rem]/tight font-semibold tracking-[-0.012em] break-words">{title}</h1>
        {lead !== undefined && <div className="mt-1 text-ink-soft">{lead}</div>}
      </div>
      {children !== undefined && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}

interface PanelProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Panel({ title, aside, children, className }: PanelProps) {
  const id = `panel-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return (
    <section aria-labelledby={id} className={cn('panel min-w-0', className)}>
      <header className="flex min-h-10 flex-wrap items-center gap-x-3 border-b border-line px-4 py-1">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {aside !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2 text-xs text-ink-soft">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** Names and values in aligned columns. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[minmax(6.5rem,auto)_minmax(0,1fr)] gap-x-5 gap-y-1.5 px-4 py-3 text-sm">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-mute">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
