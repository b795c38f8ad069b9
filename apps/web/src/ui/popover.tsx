import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';

interface PopoverProps {
  label: string;
  trigger: ReactElement;
  children: ReactNode;
  /** For one that closes by itself once its work is done. */
  opening?: { isOpen: boolean; onChange(isOpen: boolean): void };
}

export function Popover({ label, trigger, children, opening }: PopoverProps) {
  const control = opening === undefined ? {} : { open: opening.isOpen, onOpenChange: (isOpen: boolean) => opening.onChange(isOpen) };
  return (
    <Base.Root {...control}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" collisionPadding={12} className="z-40">
          <Base.Popup
            aria-label={label}
            className="max-w-[calc(100vw-1.5rem)] rounded-lg border border-line bg-surface p-3 text-ink shadow-float outline-none"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Inside a popover: a control that also closes it. */
export function PopoverClose({ control }: { control: ReactElement }) {
  return <Base.Close render={control} />;
}
