import * as z from 'zod';

const noNul = /^[^\0]*$/;
const Text = z.string().regex(noNul, 'must not contain NUL characters');

const MOST_TASKS = 4096;

/** What a `command` job may ask for. Limits hold for each process of the job, `processes` for all of them together. */
export const CommandPayload = z.strictObject({
  command: z.union([
    z
      .array(Text)
      .min(1, 'the command is empty')
      .refine((argv) => argv[0] !== '', 'the command is empty'),
    Text.min(1, 'the command is empty').refine((line) => line.trim() !== '', 'the command is empty'),
  ]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a variable name'), Text).default({}),
  cwd: Text.min(1).optional(),
  stdin: z.string().optional(),
  network: z.boolean().default(true).describe('false: no network at all; needs the sandbox.'),
  read_only: z.boolean().default(false).describe('true: only `cwd` and a private /tmp are writable; needs the sandbox.'),
  limits: z
    .strictObject({
      memory_mb: z.int().min(1).max(1_048_576).optional(),
      cpu_seconds: z.int().min(1).max(31_622_400).optional(),
      file_size_mb: z.int().min(0).max(1_048_576).optional(),
      disk_mb: z
        .int()
        .min(1)
        .max(1_048_576)
        .optional()
        .describe('What the command may store: in its work folder and TMPDIR together, or by which its `cwd` may grow.'),
      open_files: z.int().min(8).max(1_048_576).optional(),
      processes: z.int().min(8).max(1_048_576).default(MOST_TASKS).describe('Processes and threads at one time.'),
    })
    .prefault({}),
});
export type CommandPayload = z.infer<typeof CommandPayload>;
