import type { Lanes, Logger, ParkedClaims, Queues, Roster } from '../ports/index.ts';

interface Routed {
  readonly lanes: Lanes;
  readonly queues: Queues;
  readonly parked: ParkedClaims;
  readonly roster: Roster;
  readonly log: Logger;
  /** Called when a time to wait for may have come nearer. */
  onWake(): void;
}

function after(topic: string, prefix: string): string | null {
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : null;
}

/** What a wake-up means for the things kept in memory: forget, read again, or let parked agents look. */
export function routeTopics(to: Routed): (topics: readonly string[]) => void {
  const reread = (directory: { refresh(): Promise<void> }): void => {
    directory.refresh().then(
      () => to.parked.wake('*'),
      (error: unknown) => to.log.warn({ err: error }, 'lanes or queues could not be read'),
    );
  };
  return (topics) => {
    const woken: number[] = [];
    for (const topic of topics) {
      const lane = after(topic, 'lane:');
      const worker = after(topic, 'worker:');
      if (lane !== null) woken.push(Number(lane));
      else if (worker !== null) {
        to.roster.forget(worker);
        to.parked.wakeWorker(worker);
      } else if (topic === 'lanes') reread(to.lanes);
      else if (topic === 'queues') reread(to.queues);
      else if (topic === 'wake') to.onWake();
      else if (topic === '*') {
        to.roster.forget('*');
        reread(to.lanes);
        reread(to.queues);
      }
    }
    if (woken.length > 0) to.parked.wake(woken);
  };
}
