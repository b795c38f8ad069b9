import { useCallback, useEffect, useEffectEvent, useRef } from 'react';

export interface Throttle {
  (): void;
  cancel(): void;
}

/** Runs `act` at most once per `ms`: the first call after a rest at once, the last one of a burst always. */
function throttle(act: () => void, ms: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  const run = (): void => {
    isAsked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isAsked) run();
    }, ms);
    act();
  };
  const call = (): void => {
    if (timer === undefined) run();
    else isAsked = true;
  };
  return Object.assign(call, {
    cancel() {
      clearTimeout(timer);
      timer = undefined;
      isAsked = false;
    },
  });
}

/** A throttle that always calls the latest `act` and ends with the component. */
export function useThrottle(act: () => void, ms: number): () => void {
  const latest = useEffectEvent(act);
  const run = useRef<Throttle>(null);
  useEffect(() => {
    const throttled = throttle(() => latest(), ms);
    run.current = throttled;
    return () => {
      throttled.cancel();
      run.current = null;
    };
  }, [ms]);
  return useCallback(() => run.current?.(), []);
}
