import { type Kysely, sql } from 'kysely';
import type { Database } from '../../db/schema.ts';
import { CreateCampaignInput } from '../../campaigns/contract.ts';
import { createCampaign } from '../../campaigns/index.ts';
import { CreateClipInput } from '../../clips/contract.ts';
import { createClip } from '../../clips/index.ts';
import type { Core } from '../../engine/index.ts';
import { CreatePublicationInput, type Publication } from '../../publications/contract.ts';
import { createPublication } from '../../publications/index.ts';
import { CreateVideoInput, CreateVideoJobInput, type VideoJob } from '../../videos/contract.ts';
import { createVideo, createVideoJob } from '../../videos/index.ts';

type Fields = Record<string, unknown>;

/** Makes records by the same verbs as everybody, with short inputs. */
export function seeding(core: Core) {
  return {
    video: async (fields: Fields = {}): Promise<string> =>
      (await createVideo(core, CreateVideoInput.parse({ title: 'A video', ...fields }))).id,
    clip: async (video_id: string, fields: Fields = {}): Promise<string> =>
      (await createClip(core, CreateClipInput.parse({ video_id, title: 'A clip', ...fields }))).id,
    campaign: async (fields: Fields = {}): Promise<string> =>
      (await createCampaign(core, CreateCampaignInput.parse({ name: 'A campaign', ...fields }))).id,
    job: (video: string, fields: Fields = {}): Promise<VideoJob> =>
      createVideoJob(core, CreateVideoJobInput.parse({ id: video, kind: 'command', ...fields })),
    publication: (clip_id: string, fields: Fields = {}): Promise<Publication> =>
      createPublication(core, CreatePublicationInput.parse({ clip_id, platform: 'instagram', social_account_id: 'acc_1', ...fields })),
  };
}

/** Empties what publishing keeps, so that the tests of a file share one database. */
export async function resetPublishing(core: Core): Promise<void> {
  await sql`truncate video, clip, campaign, platform, social_account, publication, publication_attempt, video_job, platform_clip,
    publishing_counter, publishing_total, publication_bucket, publishing_window cascade`.execute(core.database.db);
  await sql`update setting set value = 'null' where key = 'publish_tick'`.execute(core.database.db);
}

/** The counters made again from the records, to hold the kept ones against. */
export async function recount(db: Kysely<Database>): Promise<unknown> {
  const { rows } = await sql`
    select k.key, count(p.id) filter (where p.status = 'pending') as pending, count(p.id) filter (where p.status = 'scheduled') as scheduled,
      count(p.id) filter (where p.status = 'processing') as processing, count(p.id) filter (where p.status = 'success') as success,
      count(p.id) filter (where p.status = 'failed') as failed, count(p.id) filter (where p.status = 'cancelled') as cancelled,
      count(p.id) filter (where p.sub_status = 'unconfirmed') as unconfirmed,
      count(distinct p.clip_id) filter (where p.status in ('pending', 'scheduled')) as clips_ready,
      count(distinct p.clip_id) filter (where p.status = 'success') as clips_published,
      count(distinct p.clip_id) filter (where p.status <> 'cancelled' and c.visual_score is not null) as clips_scored,
      coalesce((select sum(visual_score) from clip where id in (select clip_id from publication q where q.platform_key = k.key and q.status <> 'cancelled')), 0) as score_sum
    from (values ('instagram'), ('tiktok'), ('youtube'), ('other')) as k(key)
    left join publication p on p.platform_key = k.key left join clip c on c.id = p.clip_id group by k.key order by k.key`.execute(db);
  return rows;
}

/** The counters as they are kept. */
export async function kept(db: Kysely<Database>): Promise<unknown> {
  const names = [
    'pending',
    'scheduled',
    'processing',
    'success',
    'failed',
    'cancelled',
    'unconfirmed',
    'clips_ready',
    'clips_published',
    'clips_scored',
    'score_sum',
  ];
  const sums = sql.join(names.map((name) => sql`coalesce(sum(${sql.ref(name)}), 0) as ${sql.ref(name)}`));
  const { rows } = await sql`select k.key, ${sums} from (values ('instagram'), ('tiktok'), ('youtube'), ('other')) as k(key)
    left join publishing_counter c on c.platform_key = k.key group by k.key order by k.key`.execute(db);
  return rows;
}
