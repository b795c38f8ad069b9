import { Dialog } from '@base-ui/react/dialog';
import { areShortcutsOn, SHORTCUTS } from '../lib/shortcuts.ts';
import { useStored } from '../lib/stored.ts';
import { buttonClass } from '../ui/button.tsx';

function Keys({ keys }: { keys: string }) {
  return (
    <span className="flex gap-1">
      {keys.split(' ').map((key) => (
        <kbd key={key} className="min-w-6 rounded-sm border border-line bg-sunken px-1.5 text-center font-mono text-xs/5">
          {key}
        </kbd>
      ))}
    </span>
  );
}

export function ShortcutHelp({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const isOn = useStored(areShortcutsOn);
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
          <Dialog.Title className="text-base font-semibold">Keyboard shortcuts</Dialog.Title>
          <dl className="mt-3 grid grid-cols-[1fr_auto] items-center gap-y-2 text-sm">
            <dt>Command palette</dt>
            <dd>
              <Keys keys="Ctrl K" />
            </dd>
            {SHORTCUTS.map((shortcut) => (
              <div key={shortcut.keys} className="contents">
                <dt>{shortcut.label}</dt>
                <dd>
                  <Keys keys={shortcut.keys} />
                </dd>
              </div>
            ))}
          </dl>
          <div className="mt-5 flex items-center gap-4">
            <label className="flex min-h-8 cursor-pointer items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={isOn}
                onChange={(event) => areShortcutsOn.set(event.target.checked)}
              />
              Single-key shortcuts
            </label>
            <Dialog.Close className={`ml-auto ${buttonClass()}`}>Close</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
