export { checkSetup, completeSetup, createSetupToken } from './setup-link.ts';
