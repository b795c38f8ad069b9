import type { Check } from './search-values.ts';

type Fields = Record<string, Check>;
export type SearchOf<Shape extends Fields> = { [Key in keyof Shape]?: string | undefined };

/** Reads `?a=b` as plain text, with no JSON in it, so that an address can be typed by hand. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The inverse. Commas and colons stay readable; empty values are left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') params.set(key, value);
  }
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text === '' ? '' : `?${text}`;
}

/** A validator that drops what does not fit instead of failing the page; `droppedKeys` tells what. */
export function lenient<Shape extends Fields>(shape: Shape): (raw: Record<string, unknown>) => SearchOf<Shape> {
  return (raw) => {
    const search: SearchOf<Shape> = {};
    for (const key of Object.keys(shape) as (keyof Shape & string)[]) {
      const value = raw[key];
      if (typeof value === 'string' && shape[key]?.(value) === true) search[key] = value;
    }
    return search;
  };
}

/** The address as it was typed, before the router wrote down what it understood of it. */
export const arrival = { path: window.location.pathname, search: window.location.search };

/** Parameters of an address that a validated search does not contain. */
export function droppedKeys(text: string, search: Record<string, unknown>): string[] {
  return Object.entries(parseSearch(text))
    .filter(([key, value]) => value !== '' && search[key] === undefined)
    .map(([key]) => key);
}
