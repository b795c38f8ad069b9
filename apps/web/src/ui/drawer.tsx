import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { cn } from './class-names.ts';

interface DrawerProps {
  title: string;
  isOpen: boolean;
  /** For forms of two columns. */
  isWide?: boolean;
  onClose(): void;
  children: ReactNode;
}

/** A panel over the right edge for a task beside the page; the whole width on a phone. */
export function Drawer({ title, isOpen, isWide = false, onClose, children }: DrawerProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup
          ref={popup}
          initialFocus={() => popup.current?.querySelector<HTMLElement>('textarea, input:not([type="radio"]):not([type="file"])') ?? true}
          className={cn(
            'fixed inset-y-0 right-0 z-50 flex w-full flex-col border-l border-line bg-surface shadow-float outline-none',
            isWide ? 'max-w-[64rem]' : 'max-w-[36rem]',
          )}
        >
          <header className="flex h-12 shrink-0 items-center border-b border-line pr-2 pl-5">
            <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="ml-auto grid size-8 place-items-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
