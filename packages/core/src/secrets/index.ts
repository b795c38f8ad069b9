export { deleteSecret } from './delete-secret.ts';
export { listSecrets } from './list-secrets.ts';
export { resolveSecrets, revealSecrets } from './resolve-secrets.ts';
export { rotateSecrets } from './rotate-secrets.ts';
export { setSecret } from './set-secret.ts';
