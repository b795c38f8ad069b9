const MAX_CHARS = 2000;
const NOWHERE = 'http://nowhere.invalid';

/** A path of this site to go to after signing in; whatever a browser could read as another site leads to "/". */
export function safeNext(next: string | null): string {
  if (next === null || next.length > MAX_CHARS || !next.startsWith('/') || !URL.canParse(next, NOWHERE)) return '/';
  const { origin, pathname, search, hash } = new URL(next, NOWHERE);
  const path = `${pathname}${search}${hash}`;
  return origin === NOWHERE && !pathname.startsWith('//') && path.length <= MAX_CHARS ? path : '/';
}
