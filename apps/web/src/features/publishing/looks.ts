import {
  Ban,
  Check,
  Circle,
  CircleHelp,
  Clock,
  FileWarning,
  Hourglass,
  KeyRound,
  LoaderCircle,
  PauseCircle,
  PencilLine,
  Play,
  X,
} from 'lucide-react';
import type { Campaign, CampaignStatus } from '@tidemark/core/campaigns/contract';
import type { Publication, PublicationAttempt, PublicationStatus, SubStatus } from '@tidemark/core/publications/contract';
import type { Look } from '../../ui/status.tsx';

export const PUBLICATION_LOOK: Record<PublicationStatus, Look> = {
  pending: { icon: Circle, word: 'Pending', tone: 'grey' },
  scheduled: { icon: Clock, word: 'Scheduled', tone: 'violet' },
  processing: { icon: LoaderCircle, word: 'Processing', tone: 'blue', isMoving: true },
  success: { icon: Check, word: 'Published', tone: 'green' },
  failed: { icon: X, word: 'Failed', tone: 'red' },
  cancelled: { icon: Ban, word: 'Cancelled', tone: 'grey' },
};

/** Why it failed, in one word, with what to do about it. */
export const CAUSES: Record<SubStatus, { word: string; hint: string }> = {
  unconfirmed: {
    word: 'Unconfirmed',
    hint: 'It was sent, and the answer never came. Look on the platform before you retry: it may be there already.',
  },
  missed: { word: 'Missed', hint: 'Its time had passed before it could be sent. Give it a new time, or retry to publish it now.' },
  auth: {
    word: 'Not authorised',
    hint: 'The platform refused the credentials of the account. Renew its token, then retry everything of this cause.',
  },
  content: { word: 'Content refused', hint: 'The platform refuses this clip as it is. Change the clip, then retry.' },
  rate_limited: {
    word: 'Rate limited',
    hint: 'The platform asked to slow down for too long. Retry later, or lower the rate of the platform.',
  },
  transient: { word: 'Platform unavailable', hint: 'The platform failed before it took anything. A retry is safe.' },
  connector: { word: 'Connector', hint: 'The connector could not send it. Check the address and the settings of the platform.' },
  awaiting_result: { word: 'Awaiting result', hint: 'The platform accepted it; its result comes later.' },
  reported: { word: 'Reported', hint: 'Somebody else reported this failure.' },
};

const FAILED: Partial<Record<SubStatus, Look>> = {
  unconfirmed: { icon: CircleHelp, word: CAUSES.unconfirmed.word, tone: 'amber' },
  missed: { icon: Hourglass, word: CAUSES.missed.word, tone: 'red' },
  auth: { icon: KeyRound, word: CAUSES.auth.word, tone: 'red' },
  content: { icon: FileWarning, word: CAUSES.content.word, tone: 'red' },
};

export function publicationLook(publication: Pick<Publication, 'status' | 'sub_status'>): Look {
  const { status, sub_status: cause } = publication;
  if (status !== 'failed' || cause === null) return PUBLICATION_LOOK[status];
  return FAILED[cause] ?? { ...PUBLICATION_LOOK.failed, word: CAUSES[cause].word };
}

export function attemptLook({ outcome }: Pick<PublicationAttempt, 'outcome'>): Look {
  if (outcome === null) return PUBLICATION_LOOK.processing;
  if (outcome === 'success' || outcome === 'cancelled') return PUBLICATION_LOOK[outcome];
  if (outcome === 'accepted') return { icon: Hourglass, word: 'Accepted', tone: 'blue' };
  return publicationLook({ status: 'failed', sub_status: outcome });
}

const CAMPAIGN_LOOK: Record<CampaignStatus, Look> = {
  draft: { icon: PencilLine, word: 'Draft', tone: 'grey' },
  active: { icon: Play, word: 'Active', tone: 'blue' },
  paused: { icon: PauseCircle, word: 'Paused', tone: 'amber' },
  completed: { icon: Check, word: 'Completed', tone: 'green' },
};

export function campaignLook(campaign: Pick<Campaign, 'status'>): Look {
  return CAMPAIGN_LOOK[campaign.status];
}

export const PLATFORM_NAMES = { instagram: 'Instagram', tiktok: 'TikTok', youtube: 'YouTube', other: 'Other' } as const;

/** A platform as it is written; one that is not ours keeps the name it was given. */
export function platformName(platform: string): string {
  return Object.entries(PLATFORM_NAMES).find(([key]) => key === platform)?.[1] ?? platform;
}
