import { X } from 'lucide-react';
import type { ReactNode } from 'react';

export function Chip({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex max-w-full items-center rounded-sm border border-line bg-sunken px-1.5 text-xs/5 text-ink-soft">
      {children}
    </span>
  );
}

/** Labels as `name=value`. */
export function Labels({ labels, max = 32 }: { labels: Record<string, string>; max?: number }) {
  const entries = Object.entries(labels);
  const hidden = entries.length - max;
  return (
    <>
      {entries.slice(0, max).map(([name, value]) => (
        <Chip key={name}>
          <span className="truncate" title={`${name}=${value}`}>
            {name}={value}
          </span>
        </Chip>
      ))}
      {hidden > 0 && <Chip>+{hidden}</Chip>}
    </>
  );
}

/** Tags as chips. */
export function Tags({ tags, max = 32 }: { tags: readonly string[]; max?: number }) {
  return (
    <>
      {tags.slice(0, max).map((tag) => (
        <Chip key={tag}>{tag}</Chip>
      ))}
      {tags.length > max && <Chip>+{tags.length - max}</Chip>}
    </>
  );
}

/** An active filter; pressing it takes the filter away. */
export function FilterChip({ children, onRemove }: { children: string; onRemove(): void }) {
  return (
    <button
      type="button"
      onClick={onRemove}
      aria-label={`Remove filter ${children}`}
      className="inline-flex h-7 max-w-full items-center gap-1 rounded-full border border-accent/60 bg-surface pr-1.5 pl-2.5 text-xs font-medium text-accent hover:bg-sunken"
    >
      <span className="truncate">{children}</span>
      <X aria-hidden className="size-3.5" />
    </button>
  );
}
