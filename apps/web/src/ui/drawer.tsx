import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { buttonClass } from './button.tsx';
import { cn } from './class-names.ts';
import { CloseAsks, useGuardedClose } from './unsaved.tsx';

/** Where typing begins; what is folded away cannot be typed into. */
const FIRST_FIELD = ':is(textarea, select, input:not([type="radio"], [type="file"])):not(details:not([open]) *)';

interface DrawerProps {
  title: string;
  isOpen: boolean;
  /** For forms of two columns. */
  isWide?: boolean;
  onClose(): void;
  children: ReactNode;
}

/** Ctrl+Enter sends the form from any of its fields, also from one that takes Enter for itself. */
function sendForm(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !(event.target instanceof Element)) return;
  const form = event.target.closest('form');
  if (form === null || event.defaultPrevented) return;
  event.preventDefault();
  form.requestSubmit();
}

/** The way out of a drawer, in words. */
export function DrawerClose() {
  return <Dialog.Close className={buttonClass()}>Close</Dialog.Close>;
}

/** A panel over the right edge for a task beside the page; the whole width on a phone. Asks before edits in it are lost. */
export function Drawer({ title, isOpen, isWide = false, onClose, children }: DrawerProps) {
  const popup = useRef<HTMLDivElement>(null);
  const { asks, close } = useGuardedClose(onClose);
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(next) => {
        if (!next) close();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup
          ref={popup}
          onKeyDown={sendForm}
          initialFocus={() => popup.current?.querySelector<HTMLElement>(FIRST_FIELD) ?? true}
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
          <CloseAsks value={asks}>{children}</CloseAsks>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
