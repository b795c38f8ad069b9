import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useEffectEvent, useState } from 'react';
import { live } from '../lib/live/hub.ts';
import { onShortcut } from '../lib/shortcuts.ts';
import type { ShortcutAction } from '../lib/shortcuts.ts';
import { Button } from '../ui/button.tsx';

const loadPalette = async () => ({ default: (await import('./palette.tsx')).Palette });
const Palette = lazy(loadPalette);
/** When a page has settled. */
const LOAD_AFTER_MS = 2000;
const ShortcutHelp = lazy(async () => ({ default: (await import('./shortcut-help.tsx')).ShortcutHelp }));

const PLACES = {
  overview: '/',
  workloads: '/workloads',
  queues: '/queues',
  workers: '/workers',
  monitors: '/monitors',
  incidents: '/incidents',
  activity: '/activity',
  settings: '/settings',
} as const;

function isPlace(action: ShortcutAction): action is keyof typeof PLACES {
  return action in PLACES;
}

type Open = 'palette' | 'help' | null;

/** What is typed at the page while the palette is on its way belongs to it, and is no shortcut. */
function useTypedAhead(isAsked: boolean, onType: (text: string) => void): void {
  const type = useEffectEvent(onType);
  useEffect(() => {
    if (!isAsked) return undefined;
    const listener = (event: KeyboardEvent): void => {
      const isInside = event.target instanceof Element && event.target.closest('[role="dialog"]') !== null;
      if (isInside || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      type(event.key);
    };
    window.addEventListener('keydown', listener, { capture: true });
    return () => window.removeEventListener('keydown', listener, { capture: true });
  }, [isAsked]);
}

/** Opens on Ctrl K or ⌘K, which no field uses; the single keys can be switched off. */
function useKeys(setOpen: (open: Open) => void): void {
  const navigate = useNavigate();
  const act = useEffectEvent((action: ShortcutAction) => {
    if (isPlace(action)) return void navigate({ to: PLACES[action] });
    if (action === 'submit') return void navigate({ to: '/workloads', search: { panel: 'new' } });
    if (action === 'pause') return live.setPaused(!live.isPaused());
    if (action === 'help') return setOpen('help');
    const field = document.querySelector<HTMLInputElement>('main form[role="search"] input[type="search"]');
    if (field === null) return setOpen('palette');
    return field.focus();
  });
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 'k' || (!event.ctrlKey && !event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    setOpen('palette');
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listener);
    const stop = onShortcut((action) => act(action));
    return () => {
      window.removeEventListener('keydown', listener);
      stop();
    };
  }, []);
}

export function SearchButton() {
  const [open, setOpen] = useState<Open>(null);
  const [hasOpened, setOpened] = useState({ palette: false, help: false });
  const [text, setText] = useState('');
  const show = (next: Open): void => {
    setOpen(next);
    setText('');
    if (next !== null) setOpened((last) => ({ ...last, [next]: true }));
  };
  useKeys(show);
  useTypedAhead(open === 'palette', (key) => setText((last) => last + key));
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), LOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <Button variant="quiet" onClick={() => show('palette')}>
        <Search aria-hidden className="size-4" />
        <span className="sr-only lg:not-sr-only">Search</span>
        <kbd className="hidden rounded-sm border border-line px-1 font-mono text-2xs text-ink-mute lg:inline">Ctrl K</kbd>
      </Button>
      <Suspense>
        {hasOpened.palette && (
          <Palette isOpen={open === 'palette'} text={text} onText={setText} onClose={() => show(null)} onHelp={() => show('help')} />
        )}
        {hasOpened.help && <ShortcutHelp isOpen={open === 'help'} onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}
