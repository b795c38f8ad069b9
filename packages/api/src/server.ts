// What a host needs: the router, its context, and the two ways to serve it.
export { actorOf } from './actor.ts';
export type { Actor } from './actor.ts';
export { ERROR_TABLE, errorBody, refusalOf } from './errors.ts';
export type { ErrorBody, FailureLog } from './errors.ts';
export { handleRest, isRestPath, jsonAnswer, MAX_BODY_BYTES, openApiDocument, refusalAnswer, rpcRefusalAnswer } from './rest/index.ts';
export { auditModeOf } from './audited.ts';
export { ROUTES } from './rest/routes.ts';
export { permissions } from './permissions.ts';
export type { Caller } from './permissions.ts';
export { appRouter } from './router.ts';
export type { AppRouter } from './router.ts';
export { roleProblem } from './trpc.ts';
export type { ApiContext, ClientOrigin, NetworkControl, RequiredRole, SessionCookie } from './trpc.ts';
export { returnFromProvider, visitProvider } from './session/provider-sign-in.ts';
export type { ProviderVisitor } from './session/provider-sign-in.ts';
export { handleTrpc, MAX_BATCH_SIZE } from './trpc-http.ts';
