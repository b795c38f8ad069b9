import { useIsFetching } from '@tanstack/react-query';
import { createMemoryHistory, createRouter, Link, RouterProvider, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { namesIn } from '../../lib/search-values.ts';
import { queryClient, stage } from '../../lib/trpc.ts';
import { Empty } from '../../ui/notice.tsx';
import { PAGES } from './pages.ts';
import { fetchFor, linkFor, STATE_WORDS, STATES } from './stage.ts';
import type { State } from './stage.ts';

/** How long everything has been answered before a stale page's server fails. */
const QUIET_MS = 600;
const PATHS = Object.keys(PAGES) as (keyof typeof PAGES)[];
const CHOICE = 'rounded-md px-2 py-0.5 hover:bg-sunken aria-[current=true]:bg-accent/10 aria-[current=true]:font-semibold';

/** A page of the console in a router of its own, whose address is not the browser's. */
function useInnerRouter(address: string) {
  const outer = useRouter();
  const [router] = useState(() =>
    createRouter({
      ...outer.options,
      routeTree: outer.routeTree,
      basepath: '/',
      history: createMemoryHistory({ initialEntries: [address] }),
      scrollRestoration: false,
      defaultPreload: false,
    }),
  );
  return router;
}

/** After everything has been answered, nothing is any more, and everything is asked again. */
function useFailure(isStale: boolean, fail: () => void): boolean {
  const isFetching = useIsFetching() > 0;
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (!isStale || hasFailed || isFetching) return undefined;
    const timer = setTimeout(() => {
      fail();
      setFailed(true);
      void queryClient.invalidateQueries();
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [isStale, hasFailed, isFetching, fail]);
  return hasFailed;
}

function Scene({ address, state, fail }: { address: string; state: State; fail: () => void }) {
  const router = useInnerRouter(address);
  const hasFailed = useFailure(state === 'stale', fail);
  const isSet = state !== 'stale' || hasFailed;
  return (
    <div data-scene={isSet ? state : 'answering'}>
      <RouterProvider router={router} />
    </div>
  );
}

interface Set {
  key: string;
  address: string | null;
  fail(): void;
}

/** Clears what the last scene has read, finds an example, and puts the answers of the state in the server's place. */
function useStage(path: keyof typeof PAGES, state: State): Set | null {
  const key = `${path} ${state}`;
  const [built, setBuilt] = useState<Set | null>(null);
  useEffect(() => {
    let isGone = false;
    let hasFailed = false;
    const ask = window.fetch;
    queryClient.clear();
    void PAGES[path]().then((address) => {
      if (isGone) return;
      stage.link = linkFor(state, () => hasFailed);
      window.fetch = fetchFor(state, () => hasFailed, ask);
      setBuilt({ key, address, fail: () => void (hasFailed = true) });
    });
    return () => {
      isGone = true;
      stage.link = null;
      window.fetch = ask;
    };
  }, [key, path, state]);
  return built?.key === key ? built : null;
}

function Choices({ path, state }: { path: keyof typeof PAGES; state: State }) {
  return (
    <nav aria-label="Gallery" className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-sunken px-4 py-1.5 text-sm">
      <a href="." className={CHOICE}>
        Leave the gallery
      </a>
      <span className="flex flex-wrap gap-1">
        {STATES.map((choice) => (
          <Link key={choice} to="/gallery" search={{ page: path, state: choice }} aria-current={choice === state} className={CHOICE}>
            {STATE_WORDS[choice]}
          </Link>
        ))}
      </span>
      <details>
        <summary className={CHOICE}>{path}</summary>
        <span className="flex flex-wrap gap-1">
          {PATHS.map((choice) => (
            <Link key={choice} to="/gallery" search={{ page: choice, state }} aria-current={choice === path} className={CHOICE}>
              {choice}
            </Link>
          ))}
        </span>
      </details>
    </nav>
  );
}

/** Every page in every state it can be in, drawn by the page itself: only what answers its questions is another. */
export function GalleryPage() {
  const search = useSearch({ from: '/gallery' });
  const path = PATHS.find((known) => known === search.page) ?? '/';
  const state = namesIn(search.state, STATES)[0] ?? 'answered';
  const built = useStage(path, state);
  return (
    <>
      <Choices path={path} state={state} />
      {built !== null && built.address === null && <Empty title={`There is nothing to show as ${path}`}>Load demo data first.</Empty>}
      {built !== null && built.address !== null && <Scene key={built.key} address={built.address} state={state} fail={built.fail} />}
    </>
  );
}
