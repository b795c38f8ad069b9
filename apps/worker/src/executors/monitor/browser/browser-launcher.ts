import { chmod, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { sandboxArguments } from '../../../processes/bubblewrap.ts';
import type { Containment } from '../../../processes/contained-process.ts';
import { RUN_MARK } from '../../../processes/process-tree.ts';
import type { Chromium } from './find-chromium.ts';

const START_MS = 20_000;
/** What a page may store, in memory. */
const HOME_BYTES = 512 * 1_048_576;
/** A user without a name: Chromium refuses its own sandbox to root. */
const NOBODY = '65534';

// Nothing goes around the proxy: no QUIC, no WebRTC over UDP, no look-up of its own, no calls home.
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--no-first-run',
  '--no-pings',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** What the browser asks for on its own account goes nowhere; only its pages get a real proxy. */
const NOWHERE = 'http://127.0.0.1:1';

/** How a browser is kept apart: in the agent's sandbox, in Chromium's own, or both. */
interface Mode {
  isContained: boolean;
  hasOwnSandbox: boolean;
}

function possibleModes({ program }: Containment): Mode[] {
  if (program === null) return [{ isContained: false, hasOwnSandbox: process.getuid?.() !== 0 }];
  // Some kernels allow no sandbox in a sandbox: the outer one is the one that is needed.
  return [
    { isContained: true, hasOwnSandbox: true },
    { isContained: true, hasOwnSandbox: false },
  ];
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export interface LaunchOptions {
  /** An empty folder that is removed afterwards. */
  folder: string;
  mark: string;
  signal: AbortSignal;
}

/** Starts browsers that see no file they could write, no other process, and none of the agent's own folders. */
export class BrowserLauncher {
  readonly #chromium: Chromium;
  readonly #containment: Containment;
  readonly #modes: Mode[];

  constructor(chromium: Chromium, containment: Containment) {
    this.#chromium = chromium;
    this.#containment = containment;
    this.#modes = possibleModes(containment);
  }

  get mark(): string {
    return this.#containment.mark;
  }

  /** @throws when the browser does not start. */
  async launch(options: LaunchOptions): Promise<Browser> {
    for (;;) {
      const [mode] = this.#modes;
      if (mode === undefined || options.signal.aborted) throw new Error('the browser was not started');
      try {
        return await this.#launchIn(mode, options);
      } catch (error) {
        const isSlow = error instanceof Error && error.name === 'TimeoutError';
        if (isSlow || this.#modes.length === 1 || options.signal.aborted) throw error;
        // Another run may have found out the same meanwhile.
        if (this.#modes[0] === mode) this.#modes.shift();
      }
    }
  }

  async #launchIn(mode: Mode, { folder, mark }: LaunchOptions): Promise<Browser> {
    // Loaded with the first page: most agents never need it.
    const { chromium: engine } = await import('playwright-core');
    const home = mode.isContained ? '/tmp' : folder;
    return engine.launch({
      executablePath: mode.isContained ? await this.#writeWrapper(folder) : this.#chromium.path,
      headless: true,
      chromiumSandbox: mode.hasOwnSandbox,
      args: ARGUMENTS,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, LANG: 'C.UTF-8', [RUN_MARK]: mark },
      proxy: { server: NOWHERE },
      timeout: START_MS,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  }

  /** Its profile lies in a temporary folder of its own that vanishes with it. */
  async #writeWrapper(folder: string): Promise<string> {
    const { program, hidden } = this.#containment;
    const scratch = tmpdir() === '/tmp' ? [] : [tmpdir()];
    const sandbox = sandboxArguments({
      hidden: [...hidden, ...scratch],
      network: true,
      readOnly: true,
      writable: [],
      privateTmpBytes: HOME_BYTES,
    });
    const argv = [program ?? '', '--uid', NOBODY, '--gid', NOBODY, ...sandbox, '--chdir', '/', '--', this.#chromium.path];
    const path = join(folder, 'chromium');
    await writeFile(path, `#!/bin/sh\nexec ${argv.map(quote).join(' ')} "$@"\n`);
    await chmod(path, 0o700);
    return path;
  }
}
