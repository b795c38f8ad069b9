import { cn } from './class-names.ts';

/** Holds the place of something with its real size; appears late, so that fast answers do not flicker. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('appear-late block rounded-sm bg-line/70', className)} />;
}

export function SkeletonRows({ count }: { count: number }) {
  return (
    <div aria-busy="true" role="status" className="divide-y divide-line">
      <span className="sr-only">Loading</span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="flex h-10 items-center gap-6 px-3">
          <Skeleton className="h-3 w-20" />
          <Skeleton className="h-3 w-44" />
          <Skeleton className="ml-auto h-3 w-24" />
        </div>
      ))}
    </div>
  );
}

/** A page of which nothing is known yet. */
export function PageSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div aria-busy="true" className="flex flex-col gap-4">
      <Skeleton className="h-7 w-72" />
      <div className="panel">
        <SkeletonRows count={rows} />
      </div>
    </div>
  );
}

/** Two pixels on top of content that is being read again; the content stays usable. */
export function ProgressLine({ isActive }: { isActive: boolean }) {
  return (
    <div aria-hidden className="absolute inset-x-0 top-0 h-0.5 overflow-hidden">
      {isActive && <div className="progress-line h-full w-1/4 bg-accent" />}
    </div>
  );
}
