import { AppError } from '../errors.ts';
import type { CampaignStatus } from './contract.ts';

/** The life of a campaign. Completing needs that nothing of it is left to do; a completed one may be opened again. */
export const CAMPAIGN_TRANSITIONS: Readonly<Record<CampaignStatus, readonly CampaignStatus[]>> = {
  draft: ['active', 'paused', 'completed'],
  active: ['draft', 'paused', 'completed'],
  paused: ['active', 'completed'],
  completed: ['active'],
};

/** @throws {AppError} INVALID_TRANSITION when the table has no such arrow; staying is no arrow and no error. */
export function requireCampaignTransition(id: string, from: CampaignStatus, to: CampaignStatus): void {
  const ways = CAMPAIGN_TRANSITIONS[from];
  if (from === to || ways.includes(to)) return;
  const message = `Campaign ${id} is "${from}" and cannot become "${to}". It can become ${ways.map((way) => `"${way}"`).join(', ')}.`;
  throw new AppError('INVALID_TRANSITION', message, { data: { id, from, to } });
}
