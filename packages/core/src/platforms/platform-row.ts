import type { Selectable } from 'kysely';
import type { PlatformTable, SocialAccountTable } from '../db/publishing-tables.ts';
import { type Platform, type PlatformKey, SetPlatformInput, type SocialAccount } from './contract.ts';

/** The queue of the engine that a platform's workloads wait in. */
export function queueOf(key: PlatformKey): string {
  return `publish:${key}`;
}

const {
  platform: _platform,
  connector: _connector,
  url: _url,
  ...DEFAULTS
} = SetPlatformInput.parse({
  platform: 'other',
  connector: 'webhook',
  url: 'https://unused.invalid',
});

/** A platform as it is told; one that was never set up has no connector and the default limits. */
export function toPlatform(key: PlatformKey, row: Selectable<PlatformTable> | undefined): Platform {
  if (row === undefined) return { ...DEFAULTS, platform: key, connector: null, url: null, has_secret: false, updated_at: null };
  const { key: _key, secret: _secret, previous_secret: _previous, previous_secret_until: _until, is_paused: paused, ...settings } = row;
  return { ...settings, platform: key, has_secret: true, paused };
}

export function toAccount(row: Selectable<SocialAccountTable>): SocialAccount {
  return {
    platform: row.platform_key,
    id: row.id,
    name: row.name,
    status: row.status,
    pause_reason: row.pause_reason,
    not_before: row.not_before,
    processing: row.processing_count,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
