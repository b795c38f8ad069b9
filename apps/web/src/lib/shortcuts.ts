import { createStored } from './stored.ts';

/** Single keys may be in the way of assistive technology and of typing by voice: they can be switched off. */
export const areShortcutsOn = createStored<boolean>('shortcuts', (raw) => raw !== false);

/** Keys typed one after the other; `g w` is g, then w. */
export const SHORTCUTS = [
  { keys: 'g o', action: 'overview', label: 'Go to the overview' },
  { keys: 'g w', action: 'workloads', label: 'Go to workloads' },
  { keys: 'g q', action: 'queues', label: 'Go to queues' },
  { keys: 'g k', action: 'workers', label: 'Go to workers' },
  { keys: 'g t', action: 'monitors', label: 'Go to monitors' },
  { keys: 'g i', action: 'incidents', label: 'Go to incidents' },
  { keys: 'g a', action: 'activity', label: 'Go to activity' },
  { keys: 'g s', action: 'settings', label: 'Go to the settings' },
  { keys: '/', action: 'search', label: 'Search on this page, or open the palette' },
  { keys: 'n', action: 'submit', label: 'Submit a workload' },
  { keys: 'p', action: 'pause', label: 'Pause or resume live updates' },
  { keys: '?', action: 'help', label: 'Show the shortcuts' },
] as const;
export type ShortcutAction = (typeof SHORTCUTS)[number]['action'];

const MAX_REST_MS = 1200;

/** Whether a key belongs to a field, an open menu or a dialog rather than to the page. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return true;
  if (!(event.target instanceof Element)) return false;
  return event.target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}

/** Calls back with what was asked for by keys; answers how to stop listening. */
export function onShortcut(act: (action: ShortcutAction) => void): () => void {
  let first = '';
  let at = 0;
  const listener = (event: KeyboardEvent): void => {
    if (!areShortcutsOn.get() || isTaken(event)) return;
    const typed = first !== '' && event.timeStamp - at < MAX_REST_MS ? `${first} ${event.key}` : event.key;
    const found = SHORTCUTS.find((shortcut) => shortcut.keys === typed) ?? SHORTCUTS.find((shortcut) => shortcut.keys === event.key);
    first = found === undefined && SHORTCUTS.some((shortcut) => shortcut.keys.startsWith(`${event.key} `)) ? event.key : '';
    at = event.timeStamp;
    if (found === undefined) return;
    event.preventDefault();
    act(found.action);
  };
  window.addEventListener('keydown', listener);
  return () => window.removeEventListener('keydown', listener);
}
