import * as z from 'zod';

const Ms = z.number().catch(0);
const Phases = z.object({ dns_ms: Ms, connect_ms: Ms, tls_ms: Ms, ttfb_ms: Ms, download_ms: Ms });
export type Phases = z.infer<typeof Phases>;

const Assertion = z.object({
  source: z.string(),
  path: z.string().optional(),
  op: z.string(),
  expected: z.unknown(),
  actual: z.unknown(),
  is_withheld: z.boolean().optional(),
  passed: z.boolean(),
});
export type AssertionResult = z.infer<typeof Assertion>;

// What an earlier deployment or another agent wrote may lack anything but the number and the outcome.
const StepResult = z.object({
  step_number: z.number(),
  passed: z.boolean(),
  name: z.string().catch(''),
  type: z.string().catch(''),
  duration_ms: z.number().nullable().catch(null),
  error: z.string().nullable().catch(null),
  assertions: z.array(Assertion).catch([]),
  phases: Phases.nullable().catch(null),
});
export type StepResult = z.infer<typeof StepResult>;

const Artifact = z.object({ name: z.string(), content_type: z.string().regex(/^image\/(?:jpeg|png|webp)$/), base64: z.base64() });
export type Artifact = z.infer<typeof Artifact>;

function known<Value>(schema: z.ZodType<Value>, values: readonly unknown[] | undefined): Value[] {
  return (values ?? []).flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The steps of a run that can be shown. */
export function stepsOf(run: { step_results: readonly unknown[] }): StepResult[] {
  return known(StepResult, run.step_results);
}

/** Its pictures. */
export function picturesOf(run: { artifacts?: readonly unknown[] | undefined }): Artifact[] {
  return known(Artifact, run.artifacts);
}

/** The sum of the phases of all requests of a run; null when none told any. */
export function phasesOf(steps: readonly StepResult[]): Phases | null {
  const all = steps.flatMap((step) => (step.phases === null ? [] : [step.phases]));
  if (all.length === 0) return null;
  const sum = (key: keyof Phases): number => all.reduce((total, phases) => total + phases[key], 0);
  return {
    dns_ms: sum('dns_ms'),
    connect_ms: sum('connect_ms'),
    tls_ms: sum('tls_ms'),
    ttfb_ms: sum('ttfb_ms'),
    download_ms: sum('download_ms'),
  };
}
