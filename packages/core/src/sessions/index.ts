export { findSession } from './find-session.ts';
export type { SessionUser } from './find-session.ts';
export { endSession, listSessions } from './list-sessions.ts';
export { openSession } from './open-session.ts';
export type { OpenedSession, SignInOrigin } from './open-session.ts';
export { beginProviderVisit, takeProviderVisit } from './provider-visit.ts';
export { safeNext } from './safe-next.ts';
export { signInByProvider } from './sign-in-by-provider.ts';
export { changePassword, signIn } from './sign-in.ts';
