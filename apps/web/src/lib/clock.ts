let offsetMs = 0;

/** The server's clock decides about ages; a browser that is minutes off would otherwise call a fresh heartbeat old. */
export function learnServerTime(response: Response, sentAt: number): void {
  const header = response.headers.get('date');
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  const now = Date.now();
  // The header has whole seconds: its middle is the best guess, and less than 1.5 s of difference means nothing.
  const offset = server + 500 - (sentAt + now) / 2;
  offsetMs = Math.abs(offset) < 1500 ? 0 : Math.round(offset);
}

/** Now by the server's clock, in milliseconds. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One ticker for every relative time on the page; it stops when none is shown. */
export function onSecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (!document.hidden) for (const tick of listeners) tick();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
