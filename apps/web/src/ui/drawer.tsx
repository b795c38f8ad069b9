import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef } from 'react';
import type { ReactNode } from 'react';

interface DrawerProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
}

/** A panel over the right edge for a task beside the page; the whole width on a phone. */
export function Drawer({ title, isOpen, onClose, children }: DrawerProps) {
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
          initialFocus={() => popup.current?.querySelector('textarea') ?? true}
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-[36rem] flex-col border-l border-line bg-surface shadow-float outline-none"
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
