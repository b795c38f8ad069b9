import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactElement, ReactNode } from 'react';
import { Button, buttonClass } from './button.tsx';

interface ConfirmProps {
  /** The button that asks. */
  trigger: ReactElement;
  title: string;
  children: ReactNode;
  /** The verb: "Cancel 3 workloads". */
  action: string;
  /** What leaves everything as it is, named so that it cannot be taken for the action. */
  dismiss: string;
  isDangerous?: boolean;
  /** False while something has to be ticked first. */
  isReady?: boolean;
  onConfirm(): void;
}

export function Confirm({ trigger, title, children, action, dismiss, isDangerous = false, isReady = true, onConfirm }: ConfirmProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger render={trigger} />
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
          <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="mt-2 text-sm text-ink-soft">
            {children}
          </AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Close className={buttonClass()}>{dismiss}</AlertDialog.Close>
            <AlertDialog.Close render={<Button variant={isDangerous ? 'danger' : 'primary'} disabled={!isReady} onClick={onConfirm} />}>
              {action}
            </AlertDialog.Close>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
