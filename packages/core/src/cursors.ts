import { invalid } from './errors.ts';

/** An opaque keyset cursor that knows its list, so that one of another list is refused. */
export function encodeCursor(list: string, key: string): string {
  return Buffer.from(`${list}:${key}`).toString('base64url');
}

/** The key a cursor of this list carries. @throws {AppError} VALIDATION naming `cursor` otherwise. */
export function decodeCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const prefix = `${list}:`;
  const key = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !/^[A-Za-z0-9_.:-]{1,200}$/.test(key)) {
    throw invalid('cursor', 'is not a cursor of this list; use the next_cursor of its previous page');
  }
  return key;
}
