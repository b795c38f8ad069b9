import type { ListedAccount, OPERATOR_PAUSE, PlatformKey } from '@tidemark/core/platforms/contract';

// The compiler holds it to the contract, whose schemas need not arrive for it.
const BY_HAND: typeof OPERATOR_PAUSE = 'paused by an operator';

/** Accounts of one platform that stopped for the same reason: one expired token, one line. */
export interface PausedAccounts {
  platform: PlatformKey;
  reason: string;
  accounts: [ListedAccount, ...ListedAccount[]];
}

/** In the order of the accounts. One that a person paused is trouble only while something waits for it. */
export function groupPaused(accounts: readonly ListedAccount[]): PausedAccounts[] {
  const groups = new Map<string, PausedAccounts>();
  for (const account of accounts) {
    const reason = account.pause_reason ?? BY_HAND;
    if (reason === BY_HAND && account.pending === 0) continue;
    const known = groups.get(`${account.platform} ${reason}`);
    if (known === undefined) groups.set(`${account.platform} ${reason}`, { platform: account.platform, reason, accounts: [account] });
    else known.accounts.push(account);
  }
  return [...groups.values()];
}
