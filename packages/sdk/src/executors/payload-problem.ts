import { RegisterWorkerInput } from '@tidemark/core/workers/contract';
import * as z from 'zod';

/**
 * The JSON Schema of a kind's payload, for the server to check it when it is submitted. What JSON Schema cannot say, or the server would not
 * take, is left out: whoever runs the job checks the whole schema anyway.
 */
export function describePayload(kind: string, payload: z.ZodType): object | undefined {
  try {
    const schema = z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' });
    return RegisterWorkerInput.shape.schemas.safeParse({ [kind]: schema }).success ? schema : undefined;
  } catch {
    return undefined;
  }
}

/** One line per problem, each naming the field. */
export function describePayloadProblem(kind: string, error: z.ZodError): string {
  const problems = error.issues.flatMap((issue) => {
    const inner = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    const messages = inner.length > 0 ? [...new Set(inner.map((one) => one.message))].join(', or ') : issue.message;
    return `payload${issue.path.map((part) => `.${String(part)}`).join('')}: ${messages}`;
  });
  return `The payload does not fit kind "${kind}". ${problems.join('; ')}`;
}
