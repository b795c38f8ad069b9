/** What calls are counted as; each has a budget of its own. */
export type RateClass = 'auth' | 'read' | 'write' | 'agent';

/** Calls one caller may make within a minute. */
export type RateBudgets = Readonly<Record<RateClass, number>>;

/** What is left of a budget after a call. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Until the budget is whole again. */
  readonly reset_ms: number;
  readonly is_over: boolean;
}

/** Counts the calls of each caller and class. A store that is away never makes a call fail: this process then counts alone. */
export interface RateLimiter {
  take(rateClass: RateClass, caller: string): Promise<RateState>;
  close(): void;
}
