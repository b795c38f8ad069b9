import { clsx } from 'clsx';
import type { ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Joins classes; a later one wins over an earlier one of the same property. */
export function cn(...values: ClassValue[]): string {
  return twMerge(clsx(values));
}
