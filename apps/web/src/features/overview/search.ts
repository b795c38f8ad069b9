import { rangeSearch } from '../../lib/ranges.ts';

/** What the address of the overview may say: the time its charts show. */
export const overviewSearch = rangeSearch;

/** The time charts show when the address does not say. */
export const OVERVIEW_RANGE = '24h';
