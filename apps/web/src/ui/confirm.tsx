import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactElement, ReactNode } from 'react';
import { Button, buttonClass } from './button.tsx';

interface QuestionProps {
  title: string;
  children: ReactNode;
  /** What leaves everything as it is, named so that it cannot be taken for the action. */
  dismiss: string;
  /** The button that does it. */
  action: ReactElement;
}

/** What a question looks like, also over a drawer; it stands in an `AlertDialog.Root`. */
export function Question({ title, children, dismiss, action }: QuestionProps) {
  return (
    <AlertDialog.Portal>
      <AlertDialog.Backdrop forceRender className="fixed inset-0 z-50 bg-black/45" />
      <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
        <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
        <AlertDialog.Description render={<div />} className="mt-2 text-sm text-ink-soft">
          {children}
        </AlertDialog.Description>
        <div className="mt-5 flex justify-end gap-2">
          <AlertDialog.Close className={buttonClass()}>{dismiss}</AlertDialog.Close>
          {action}
        </div>
      </AlertDialog.Popup>
    </AlertDialog.Portal>
  );
}

interface ConfirmProps extends Omit<QuestionProps, 'action'> {
  /** The button that asks. */
  trigger: ReactElement;
  /** The verb: "Cancel 3 workloads". */
  action: string;
  isDangerous?: boolean;
  /** False while something has to be ticked first. */
  isReady?: boolean;
  onConfirm(): void;
}

export function Confirm({ trigger, action, isDangerous = false, isReady = true, onConfirm, ...question }: ConfirmProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger render={trigger} />
      <Question
        {...question}
        action={
          <AlertDialog.Close render={<Button variant={isDangerous ? 'danger' : 'primary'} disabled={!isReady} onClick={onConfirm} />}>
            {action}
          </AlertDialog.Close>
        }
      />
    </AlertDialog.Root>
  );
}
