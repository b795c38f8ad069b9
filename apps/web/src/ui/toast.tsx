import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from './button.tsx';
import { cn } from './class-names.ts';
import { TONE_TEXT } from './status.tsx';
import type { Tone } from './status.tsx';

const toasts = Toast.createToastManager();

export interface Notice {
  title: string;
  detail?: string;
  tone?: Tone;
  /** Takes it back; offered for ten seconds. */
  undo?(): void;
}

/** Says what happened; failures stay until they are closed and are announced at once. */
export function notify({ title, detail, tone = 'green', undo }: Notice): void {
  const isBad = tone === 'red';
  const timeout = isBad ? 0 : undo === undefined ? 6000 : 10_000;
  const id = toasts.add({
    title,
    description: detail,
    type: tone,
    timeout,
    priority: isBad ? 'high' : 'low',
    ...(undo === undefined
      ? {}
      : {
          actionProps: {
            children: 'Undo',
            onClick() {
              toasts.close(id);
              undo();
            },
          },
        }),
  });
}

function isTone(type: string | undefined): type is Tone {
  return type !== undefined && type in TONE_TEXT;
}

function ToastList() {
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="pointer-events-auto flex w-full items-start gap-3 rounded-lg border border-line bg-surface p-3 shadow-float"
    >
      <Toast.Content className="min-w-0 flex-1">
        <Toast.Title className={cn('text-sm font-semibold', isTone(toast.type) && TONE_TEXT[toast.type])} />
        <Toast.Description className="mt-0.5 text-sm break-words text-ink-soft" />
      </Toast.Content>
      {toast.actionProps !== undefined && <Toast.Action className={buttonClass('plain', 'small')} />}
      <Toast.Close aria-label="Close" className="grid size-6 place-items-center rounded-md text-ink-mute hover:bg-sunken hover:text-ink">
        <X aria-hidden className="size-4" />
      </Toast.Close>
    </Toast.Root>
  ));
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="pointer-events-none fixed right-4 bottom-20 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 md:bottom-4">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
