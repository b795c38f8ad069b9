// The server as a program of its own, with the web app of a folder that no other build can replace meanwhile.
const [entry, webDir, demo] = process.argv.slice(2);
if (entry === undefined || webDir === undefined) throw new Error('usage: serve.ts <server module> <web folder> [--demo]');

interface ServerModule {
  readConfig(env: NodeJS.ProcessEnv, isTerminal: boolean): unknown;
  startServer(
    config: unknown,
    parts: { web_dir: string; demo?: object },
  ): Promise<{ url: string; setup_url: string | null; close(): Promise<void> }>;
}

// Apps do not import each other; a test only starts one.
const { readConfig, startServer } = (await import(entry)) as ServerModule;
const isDemo = demo === '--demo';
const order = { action: 'load', input: { seed: 1, days: 30, target: null, force: false } };
const server = await startServer(readConfig(process.env, false), { web_dir: webDir, ...(isDemo ? { demo: order } : {}) });
process.stdout.write(`set up at ${server.setup_url ?? 'nowhere'}\nlistening on ${server.url}\n`);
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
