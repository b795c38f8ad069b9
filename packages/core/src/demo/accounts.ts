/** An account to publish from. The token of one expired: what is for it waits. */
export interface DemoAccount {
  readonly platform: string;
  readonly id: string;
  readonly name: string;
  readonly is_expired?: boolean;
}

export const DEMO_ACCOUNTS: readonly [DemoAccount, ...DemoAccount[]] = [
  { platform: 'instagram', id: 'ig_harbour', name: 'Harbour Goods' },
  { platform: 'instagram', id: 'ig_harbour_de', name: 'Harbour Goods DE' },
  { platform: 'tiktok', id: 'tt_harbour', name: '@harbourgoods' },
  { platform: 'tiktok', id: 'tt_harbour_outlet', name: '@harbour.outlet', is_expired: true },
  { platform: 'youtube', id: 'yt_harbour', name: 'Harbour Goods' },
  { platform: 'facebook', id: 'fb_harbour', name: 'Harbour Goods page' },
  { platform: 'linkedin', id: 'li_harbour', name: 'Harbour Goods careers' },
];
export const EXPIRED_REASON = 'the platform refused its credentials (401): the token has expired';
/** Since then. */
export const EXPIRED_MS = 5 * 3_600_000;
