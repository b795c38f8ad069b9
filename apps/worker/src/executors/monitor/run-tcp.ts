import type { Step } from '@tidemark/core/steps/contract';
import { EgressError, type Phases } from '@tidemark/egress';
import { checkAssertions } from './check-assertions.ts';
import type { StepOutcome, Surroundings } from './step-outcome.ts';

type TcpStep = Extract<Step, { type: 'tcp' | 'ping' }>;

/** `tcp` passes when the port accepts; `ping` when the host answers in any way, a refusal included. @throws EgressError */
export async function runTcp(step: TcpStep, around: Surroundings): Promise<StepOutcome> {
  const phases = await connectOnce(step, around);
  const observed = { latency_ms: phases.dns_ms + phases.connect_ms };
  return { ...(await checkAssertions(step.assert, observed, around.variables)), phases };
}

async function connectOnce({ type, host, port }: TcpStep, { egress, left_ms, signal }: Surroundings): Promise<Phases> {
  try {
    const { socket, phases } = await egress.connect({ host, port, timeout_ms: left_ms }, signal);
    socket.destroy();
    return phases;
  } catch (error) {
    const isAnswer = error instanceof EgressError && error.code === 'connect' && /refused|reset/.test(error.message);
    if (type === 'ping' && isAnswer && error.phases !== null) return error.phases;
    throw error;
  }
}
