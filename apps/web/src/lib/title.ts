import { serverPath } from './server-path.ts';
import { useEffect, useSyncExternalStore } from 'react';

let page = '';
let trouble = 0;

const watchers = new Set<() => void>();

function show(): void {
  document.title = `${trouble > 0 ? `(${trouble}) ` : ''}${page === '' ? '' : `${page} · `}Tidemark`;
  const icon = document.querySelector<HTMLLinkElement>('#favicon');
  const href = serverPath(trouble > 0 ? '/favicon-trouble.svg' : '/favicon.svg');
  if (icon !== null && icon.getAttribute('href') !== href) icon.href = href;
}

/** Names the page in the tab. */
export function useTitle(name: string): void {
  useEffect(() => {
    page = name;
    show();
    for (const watcher of watchers) watcher();
  }, [name]);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** What the page calls itself, without where it belongs: "Checkout API" of "Checkout API · Monitors". */
export function usePageName(): string {
  return useSyncExternalStore(watch, () => page.replace(/ · [^·]*$/, ''));
}

/** Puts the number of troubles in front of the title, and a triangle into the icon. */
export function useTitleTrouble(count: number): void {
  useEffect(() => {
    trouble = count;
    show();
  }, [count]);
}
