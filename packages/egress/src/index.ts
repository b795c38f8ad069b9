export { type Connection, type ConnectTarget, createEgress, type Egress, type EgressOptions } from './create-egress.ts';
export { type EgressCode, EgressError } from './errors.ts';
export type { Phases } from './phases.ts';
export { compilePolicy, type EgressPolicy } from './policy.ts';
export type { EgressRequest, EgressResponse, EgressStream } from './send-request.ts';
export { PROXY_STATUS, type ProxyOptions, type RunningProxy, startProxy } from './start-proxy.ts';
