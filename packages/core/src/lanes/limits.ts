/** The queues and kinds somebody is limited to; null: no limit. */
export interface LaneLimits {
  readonly queues: readonly string[] | null;
  readonly kinds: readonly string[] | null;
}

/** Whether work of this queue and kind is somebody's business. */
export function isWithin({ queues, kinds }: LaneLimits, lane: { readonly queue: string; readonly kind: string }): boolean {
  return (queues === null || queues.includes(lane.queue)) && (kinds === null || kinds.includes(lane.kind));
}

export function isLimited({ queues, kinds }: LaneLimits): boolean {
  return queues !== null || kinds !== null;
}
