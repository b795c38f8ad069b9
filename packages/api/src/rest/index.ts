export { jsonAnswer, refusalAnswer, rpcRefusalAnswer } from './answer.ts';
export { MAX_BODY_BYTES, parseJson, readText } from './body.ts';
export { handleRest } from './handle.ts';
export { openApiDocument } from './openapi.ts';
export { findRoute, isRestPath, matchRoute, ROUTES } from './routes.ts';
export type { Route } from './routes.ts';
