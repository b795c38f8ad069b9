export { listAccounts, setAccount } from './accounts.ts';
export { getPlatform, listPlatforms } from './list-platforms.ts';
export { queueOf } from './platform-row.ts';
export { setPlatform } from './set-platform.ts';
export { switchOffPlatform, tellSwitchedOff } from './switch-off-platform.ts';
