import { useState } from 'react';

export interface Reading<Data> {
  data: Data | undefined;
  dataUpdatedAt: number;
  isPlaceholderData: boolean;
}

/** The last answer to the same question over any time, so that a failed reading leaves its drawing standing. */
export function useKept<Data>(reading: Reading<Data>, question: string): { data: Data | undefined; dataUpdatedAt: number } {
  const { data, dataUpdatedAt, isPlaceholderData } = reading;
  const [kept, setKept] = useState({ question, data, dataUpdatedAt });
  const isNew = data !== undefined && !isPlaceholderData && (kept.data !== data || kept.question !== question);
  if (isNew) setKept({ question, data, dataUpdatedAt });
  if (data !== undefined || kept.question !== question) return { data, dataUpdatedAt };
  return { data: kept.data, dataUpdatedAt: kept.dataUpdatedAt };
}
