// A worker of your own: `node examples/worker/resize.ts`, with the server's address in TIDEMARK_URL.
import { pathToFileURL } from 'node:url';
import { defineHandlers, defineWorker, PermanentError } from '@tidemark/sdk';
import * as z from 'zod';

const Cursor = z.number().int().min(0).catch(0);

export const handlers = defineHandlers({
  resize: {
    // Also what the server checks when somebody submits a workload of this kind.
    payload: z.strictObject({ files: z.array(z.string().min(1)).min(1), width: z.int().min(1).max(10_000) }),
    run: async (job) => {
      const { files, width } = job.payload;
      // After a crash the next attempt goes on behind the last checkpoint.
      const done = Cursor.parse(job.cursor);
      for (const [at, file] of files.entries()) {
        if (at < done) continue;
        job.signal.throwIfAborted();
        if (!/\.(png|jpe?g)$/i.test(file)) throw new PermanentError(`${file} is not a picture`);
        job.log('resized', { file, width });
        await job.checkpoint({ cursor: at + 1, keys_scanned: 1, progress: { done: at + 1, total: files.length } });
      }
      return { resized: files.length };
    },
  },
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const url = process.env['TIDEMARK_URL'] ?? 'http://127.0.0.1:3000';
  await defineWorker({ url, key: process.env['TIDEMARK_KEY'], name: process.env['WORKER_NAME'] ?? 'resizer', handlers }).run();
}
