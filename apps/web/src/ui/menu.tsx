import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';

const ITEM =
  'flex min-h-8 w-full items-center gap-2 rounded-md px-2 text-left text-sm outline-none select-none data-[highlighted]:bg-sunken data-[highlighted]:outline-2 data-[highlighted]:-outline-offset-2 data-[highlighted]:outline-accent';

export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className="z-40">
          <Base.Popup className="max-h-[min(28rem,80vh)] min-w-52 overflow-y-auto rounded-lg border border-line bg-surface p-1 text-ink shadow-float">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({ children, onSelect }: { children: ReactNode; onSelect(): void }) {
  return (
    <Base.Item className={ITEM} onClick={onSelect}>
      {children}
    </Base.Item>
  );
}

interface MenuChoiceProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string; hint?: string }[];
  onChange(value: string): void;
}

export function MenuChoice({ label, value, options, onChange }: MenuChoiceProps) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: unknown) => onChange(String(next))} aria-label={label}>
      <div aria-hidden className="px-2 pt-1.5 pb-1 text-xs text-ink-mute">
        {label}
      </div>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} closeOnClick className={ITEM}>
          <Base.RadioItemIndicator keepMounted className="data-[unchecked]:invisible">
            <Check aria-hidden className="size-4 text-accent" />
          </Base.RadioItemIndicator>
          <span className="flex-1">{option.label}</span>
          {option.hint !== undefined && <span className="text-xs text-ink-mute">{option.hint}</span>}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}
