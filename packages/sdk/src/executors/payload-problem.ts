import type * as z from 'zod';

/** One line per problem, each naming the field. */
export function describePayloadProblem(kind: string, error: z.ZodError): string {
  const problems = error.issues.flatMap((issue) => {
    const inner = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    const messages = inner.length > 0 ? [...new Set(inner.map((one) => one.message))].join(', or ') : issue.message;
    return `payload${issue.path.map((part) => `.${String(part)}`).join('')}: ${messages}`;
  });
  return `The payload does not fit kind "${kind}". ${problems.join('; ')}`;
}
