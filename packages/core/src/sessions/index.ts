export { findSession } from './find-session.ts';
export type { SessionUser } from './find-session.ts';
export { endSession, listSessions } from './list-sessions.ts';
export { openSession } from './open-session.ts';
export type { OpenedSession, SignInOrigin } from './open-session.ts';
export { changePassword, signIn } from './sign-in.ts';
