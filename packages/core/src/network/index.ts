export { readNetwork } from './read-network.ts';
export { setNetwork } from './set-network.ts';
