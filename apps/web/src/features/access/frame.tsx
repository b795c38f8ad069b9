import type { ReactNode } from 'react';

/** A page without navigation: nobody is known yet. */
export function Frame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-sm flex-col gap-6 pt-[12vh]">
      <div className="flex items-center gap-2 text-accent">
        <svg aria-hidden viewBox="0 0 32 32" className="size-8">
          <path
            d="M3 21c4.3 0 4.3-6 8.7-6s4.3 6 8.6 6 4.4-6 8.7-6"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.6"
            strokeLinecap="round"
          />
          <path d="M3 8h4.5M11 8h2M17 8h4.5M25 8h4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" opacity=".55" />
        </svg>
        <span className="text-lg font-semibold tracking-[-0.02em] text-ink">Tidemark</span>
      </div>
      <header>
        <h1 className="text-[1.375rem]/tight font-semibold tracking-[-0.012em]">{title}</h1>
        {lead !== undefined && <div className="mt-1.5 text-sm text-ink-soft">{lead}</div>}
      </header>
      {children}
    </div>
  );
}
