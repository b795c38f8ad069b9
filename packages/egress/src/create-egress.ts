import type { Socket } from 'node:net';
import { EgressError } from './errors.ts';
import { openTarget, type Resolve, resolveBySystem, type Surroundings } from './open-target.ts';
import { checkPort, parseTarget } from './parse-target.ts';
import { type Phases, Stopwatch } from './phases.ts';
import { compilePolicy, type EgressPolicy, normaliseHost } from './policy.ts';
import { type EgressRequest, type EgressResponse, type EgressStream, openStream, sendRequest } from './send-request.ts';

export interface EgressOptions {
  policy: EgressPolicy;
  /** Default: the system's resolver, hosts file included. */
  resolve?: Resolve;
  /** PEM certificates trusted beside the well-known ones. */
  ca?: readonly string[];
}

export interface ConnectTarget {
  host: string;
  port: number;
  timeout_ms: number;
}

export interface Connection {
  socket: Socket;
  address: string;
  phases: Phases;
  duration_ms: number;
}

/** The one way out: every connection goes to an address that the policy was asked about. */
export interface Egress {
  /** One HTTP request with its redirects. A 4xx or 5xx is an answer, not an error. @throws EgressError */
  request(request: EgressRequest, signal?: AbortSignal): Promise<EgressResponse>;
  /** The same for a body of any length, which the caller reads and closes. `timeout_ms` ends with the headers. @throws EgressError */
  stream(request: EgressRequest, signal: AbortSignal): Promise<EgressStream>;
  /** A TCP connection, which the caller closes. @throws EgressError */
  connect(target: ConnectTarget, signal?: AbortSignal): Promise<Connection>;
  /** What can be told of a URL without a look-up. @throws EgressError */
  checkUrl(url: string): URL;
  /** For what does not go through this client, such as a question to a name server. @throws EgressError */
  checkAddress(address: string): void;
}

/** @throws EgressError `invalid` when an entry of the policy is malformed. */
export function createEgress({ policy, resolve = resolveBySystem, ca = [] }: EgressOptions): Egress {
  const surroundings: Surroundings = { policy: compilePolicy(policy), resolve, ca };
  return {
    request: (request, signal) => sendRequest(request, surroundings, signal),
    stream: (request, signal) => openStream(request, surroundings, signal),
    connect: (target, signal) => connectTo(target, surroundings, signal),
    checkUrl: (text) => {
      const { url, target } = parseTarget(text);
      const problem = surroundings.policy.findHostProblem(target.host);
      if (problem !== null) throw new EgressError('denied', problem);
      return url;
    },
    checkAddress: (address) => {
      const problem = surroundings.policy.findAddressProblem(address, address);
      if (problem !== null) throw new EgressError('denied', problem);
    },
  };
}

async function connectTo(target: ConnectTarget, surroundings: Surroundings, signal?: AbortSignal): Promise<Connection> {
  const watch = new Stopwatch(target.timeout_ms, signal);
  try {
    const to = { host: normaliseHost(target.host), port: checkPort(target.port), isTls: false };
    const { socket, address } = await openTarget(to, surroundings, watch);
    return { socket, address, phases: watch.phases, duration_ms: watch.duration_ms };
  } catch (error) {
    if (error instanceof EgressError) error.phases = watch.phases;
    throw error;
  }
}
