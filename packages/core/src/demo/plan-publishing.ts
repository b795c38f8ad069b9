import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import { platformKeyOf } from '../platforms/contract.ts';
import { DEMO_ACCOUNTS, EXPIRED_MS, EXPIRED_REASON } from './accounts.ts';
import { Dice } from './dice.ts';
import { planPublications, type PlannedPublication } from './plan-publications.ts';
import { DAY_MS, type Span } from './span.ts';

type Row<Name extends keyof Database> = Partial<Selectable<Database[Name]>>;

export interface PublishingPlan {
  readonly videos: readonly (Row<'video'> & { id: string })[];
  readonly clips: readonly (Row<'clip'> & { id: string })[];
  readonly campaigns: readonly Selectable<Database['campaign']>[];
  readonly accounts: readonly Row<'social_account'>[];
  readonly publications: readonly PlannedPublication[];
}

const VIDEO_COUNT = 40;
const CLIPS_EACH = 3;
const SUBJECTS = [
  'Rope splicing',
  'Winter jacket',
  'Deck shoes',
  'Harbour tour',
  'Knife sharpening',
  'Sail repair',
  'Lantern',
  'Oilskin',
  'Tide tables',
  'Kayak rack',
];
const FORMS = ['how-to', 'unboxing', 'in ten seconds', 'behind the scenes'];
const MOMENTS = ['opening', 'close-up', 'result'];

function planClips(dice: Dice): Pick<PublishingPlan, 'videos' | 'clips'> {
  const { span } = dice;
  const videos: (Row<'video'> & { id: string })[] = [];
  const clips: (Row<'clip'> & { id: string })[] = [];
  for (let index = 0; index < VIDEO_COUNT; index += 1) {
    const id = `vid_demo_${String(index + 1).padStart(3, '0')}`;
    const made = span.from + Math.floor(((span.now - span.from) * index) / VIDEO_COUNT);
    const title = `${SUBJECTS[index % SUBJECTS.length]}, ${FORMS[Math.floor(index / SUBJECTS.length) % FORMS.length]}`;
    const at = span.iso(made);
    videos.push({
      id,
      title,
      source_url: `https://media.demo.example/${id}.mp4`,
      duration_ms: dice.whole(40_000, 400_000),
      created_at: at,
      updated_at: at,
    });
    for (let nth = 0; nth < CLIPS_EACH; nth += 1) {
      const start = dice.whole(0, 20_000);
      clips.push({
        id: `clip_demo_${index * CLIPS_EACH + nth + 1}`,
        video_id: id,
        title: `${title} (${MOMENTS[nth]})`,
        visual_score: dice.chance(0.85) ? dice.whole(35, 98) / 100 : null,
        start_ms: start,
        end_ms: start + dice.whole(6000, 20_000),
        created_at: at,
        updated_at: at,
      });
    }
  }
  return { videos, clips };
}

type Campaign = Selectable<Database['campaign']>;

function planCampaigns(clips: readonly { id: string }[], span: Span): Campaign[] {
  const at = (daysAgo: number): string => span.iso(span.now - Math.min(daysAgo, span.days) * DAY_MS);
  const campaign = (
    slug: string,
    fields: Pick<Campaign, 'name' | 'status' | 'budget' | 'spend'>,
    { days, share }: { days: [from: number, to: number]; share: [from: number, to: number] },
  ): Campaign => ({
    id: `cmp_demo_${slug}`,
    ...fields,
    clip_ids: clips.slice(Math.floor(share[0] * clips.length), Math.floor(share[1] * clips.length)).map((clip) => clip.id),
    starts_at: at(days[0]),
    ends_at: days[1] < 0 ? span.iso(span.now - days[1] * DAY_MS) : at(days[1]),
    created_at: at(days[0] + 1),
    updated_at: at(Math.max(0, days[1])),
  });
  return [
    campaign('autumn', { name: 'Autumn opening', status: 'completed', budget: 4000, spend: 3860.5 }, { days: [28, 14], share: [0, 0.3] }),
    campaign('outlet', { name: 'Outlet week', status: 'active', budget: 2500, spend: 1410 }, { days: [12, -3], share: [0.3, 0.6] }),
    campaign('winter', { name: 'Winter launch', status: 'active', budget: 9000, spend: 2204.25 }, { days: [6, -20], share: [0.5, 0.9] }),
    campaign('careers', { name: 'Careers', status: 'paused', budget: 800, spend: 120 }, { days: [20, -10], share: [0.1, 0.2] }),
    campaign('gifts', { name: 'Gift guide', status: 'draft', budget: null, spend: 0 }, { days: [2, -30], share: [0.8, 1] }),
  ];
}

/** A month of publishing: what is published, from where, and how it went. */
export function planPublishing(span: Span): PublishingPlan {
  const dice = new Dice(span, 'publishing');
  const { videos, clips } = planClips(dice);
  const accounts = DEMO_ACCOUNTS.map((account): Row<'social_account'> => ({
    platform_key: platformKeyOf(account.platform),
    id: account.id,
    name: account.name,
    status: account.is_expired === true ? 'paused' : 'active',
    pause_reason: account.is_expired === true ? EXPIRED_REASON : null,
    created_at: span.iso(span.from),
    updated_at: span.iso(account.is_expired === true ? span.now - EXPIRED_MS : span.from),
  }));
  const campaigns = planCampaigns(clips, span);
  return { videos, clips, campaigns, accounts, publications: planPublications({ clips, campaigns }, dice) };
}
