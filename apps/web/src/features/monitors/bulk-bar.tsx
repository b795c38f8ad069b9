import { Pause, Play, RotateCw } from 'lucide-react';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { Button } from '../../ui/button.tsx';
import { canDo, useAct } from './actions.ts';

const VERBS = [
  { verb: 'run', word: 'Run now', icon: RotateCw },
  { verb: 'pause', word: 'Pause', icon: Pause },
  { verb: 'resume', word: 'Resume', icon: Play },
] as const;

/** Takes the place of the filters while rows are selected. All of it can be taken back, so nothing is asked first. */
export function BulkBar({ monitors, onClear }: { monitors: readonly Monitor[]; onClear(): void }) {
  const act = useAct();
  return (
    <div role="region" aria-label="Selected monitors" className="flex min-h-8 flex-wrap items-center gap-2">
      <span role="status" className="mr-2 text-sm font-semibold">
        {monitors.length} selected
      </span>
      {VERBS.map(({ verb, word, icon: Icon }) => {
        const ids = monitors.filter((monitor) => canDo(verb, monitor)).map((monitor) => monitor.id);
        return (
          <Button
            key={verb}
            size="small"
            disabled={ids.length === 0 || act.isPending}
            onClick={() => act.mutate({ verb, ids }, { onSuccess: onClear })}
          >
            <Icon aria-hidden className="size-3.5" /> {word} {ids.length > 0 && ids.length}
          </Button>
        );
      })}
      <Button variant="quiet" size="small" onClick={onClear}>
        Clear selection
      </Button>
    </div>
  );
}
