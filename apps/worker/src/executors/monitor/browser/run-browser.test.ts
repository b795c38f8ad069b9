import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startJob } from '@tidemark/sdk/testing';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { killLeftovers, listMembers } from '../../../processes/process-tree.ts';
import { plainContainment, sandboxedContainment, sandboxProblem } from '../../../testing/containment.ts';
import { createMonitorExecutor } from '../run-monitor.ts';
import { linesOf, LOOPBACK, runMonitorJob, serveSite, startMonitorJob } from '../testing/run.ts';
import { BrowserLauncher } from './browser-launcher.ts';
import { findChromium } from './find-chromium.ts';

const chromium = await findChromium(process.env);
const containment = sandboxProblem === null ? sandboxedContainment() : plainContainment();
const executor = createMonitorExecutor({ chromium, containment });

/** What is missed after a page has loaded is missed for the rest of the step's time. */
const ENOUGH_TO_LOAD_MS = 15_000;

const SHOP = `<!doctype html><title>Shop</title>
  <form action="/done"><label>What <input id="q" name="q"></label><input type="password" id="p" name="p"><button>Go</button></form>
  <button style="display:none" id="hidden">Hidden</button>`;

function browse(actions: Record<string, unknown>[], more: Record<string, unknown> = {}): ReturnType<typeof runMonitorJob> {
  return runMonitorJob(executor, { steps: [{ type: 'browser', name: 'buy', actions }], timeout_ms: 60_000, ...more });
}

const page = (html: string): ReturnType<typeof serveSite> =>
  serveSite((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(request.url?.startsWith('/done') ? '<p id="out">Done: <b>thanks</b></p>' : html);
  });

/** `/proc/<pid>/status` of the processes that draw pages. They overwrite their environment: they are found as what the marked one started. */
async function rendererStatuses(mark: string): Promise<string[]> {
  const carriers: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.includes(mark)) carriers.push(pid);
  }
  const [first] = carriers;
  if (first === undefined) throw new Error('no process carries the mark');
  const found: string[] = [];
  for (const pid of await listMembers({ pid: first, mark })) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (commandLine.includes('--type=renderer')) found.push(await readFile(`/proc/${pid}/status`, 'latin1').catch(() => ''));
  }
  return found;
}

test('Chromium is found by name, on the path, or not at all', async () => {
  expect(await findChromium({ CHROMIUM: '/does/not/exist' })).toBeNull();
  expect(await findChromium({ CHROMIUM: '/bin/true' })).toBeNull();
});

describe.skipIf(chromium === null)('a browser step', () => {
  // Whatever a page tried, nothing of the browser is left on the machine.
  afterAll(async () => expect(await killLeftovers(containment.mark)).toBe(0));

  test('goes through a page that works', async () => {
    await using site = await page(SHOP);
    const { result, events } = await browse([
      { do: 'goto', url: site.url },
      { do: 'fill', selector: '#q', value: 'tea' },
      { do: 'click', selector: 'text=Go' },
      { do: 'expect_text', text: 'Done', selector: '#out' },
      { do: 'expect_text', text: 'thanks' },
      { do: 'expect_url', contains: '/done?q=tea' },
    ]);
    expect(result).toMatchObject({ passed: true, steps_passed: 1, error: null, artifacts: [] });
    expect(site.asked).toContain('/done?q=tea&p=');
    expect(events.map(({ message }) => message)).toContain('Step 1: buy');
  });

  test('fails on a page without the button, with a picture of it', async () => {
    await using site = await page(SHOP);
    const actions = [
      { do: 'goto', url: site.url },
      { do: 'click', selector: 'button:has-text("XYZNONEXISTENT")' },
    ];
    const { outcome, result } = await browse(actions, { timeout_ms: ENOUGH_TO_LOAD_MS });
    expect(outcome.op).toBe('complete');
    expect(result.passed).toBe(false);
    expect(result.error).toBe('Step 1 failed: action 2 (click "button:has-text("XYZNONEXISTENT")"): not found on the page');
    expect(result.artifacts).toMatchObject([{ name: 'failure.jpg', content_type: 'image/jpeg' }]);
    expect(Buffer.from(result.artifacts[0]?.base64 ?? '', 'base64').subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  });

  test('tells what is hidden from what is not there, and a wrong address from a missing text', async () => {
    await using site = await page(SHOP);
    const first = { do: 'goto', url: site.url };
    const errorOf = async (action: Record<string, unknown>): Promise<string | null> =>
      (await browse([first, action], { timeout_ms: ENOUGH_TO_LOAD_MS })).result.error;
    const [hidden, missing, elsewhere] = await Promise.all([
      errorOf({ do: 'click', selector: '#hidden' }),
      errorOf({ do: 'expect_text', text: 'nowhere' }),
      errorOf({ do: 'expect_url', contains: '/nowhere' }),
    ]);
    expect(hidden).toContain('found, but it is hidden');
    expect(missing).toContain('the text is not on the page');
    expect(elsewhere).toContain(`the address is ${site.url}/`);
  });

  test('fails on an answer of 500 and on a server that is not there', async () => {
    await using site = await serveSite((_request, response) => void response.writeHead(500).end('broken'));
    expect((await browse([{ do: 'goto', url: site.url }])).result.error).toContain('answered with status 500');
    const gone = await serveSite(() => undefined);
    await gone[Symbol.asyncDispose]();
    expect((await browse([{ do: 'goto', url: gone.url }])).result.error).toContain(`127.0.0.1:${gone.port} refused the connection`);
    expect((await browse([{ do: 'goto', url: gone.url }], { egress: { allow: [] } })).result.error).toContain(
      '127.0.0.1 is a loopback address',
    );
    const secure = { do: 'goto', url: `https://127.0.0.1:${gone.port}/` };
    expect((await browse([secure], { egress: { allow: [] } })).result.error).toContain('127.0.0.1 is a loopback address');
  });

  test('shares its page and its cookies with the next step of the run, and nothing with the next run', async () => {
    await using site = await serveSite((request, response) => {
      response.setHeader('content-type', 'text/html');
      if (request.url === '/login') response.setHeader('set-cookie', 'user=ada');
      response.end(`<p>Hello ${request.headers.cookie ?? 'stranger'}</p>`);
    });
    const look = [
      { do: 'goto', url: `${site.url}/me` },
      { do: 'expect_text', text: 'user=ada' },
    ];
    const steps = [
      { type: 'browser', actions: [{ do: 'goto', url: `${site.url}/login` }] },
      { type: 'browser', actions: look },
    ];
    expect((await runMonitorJob(executor, { steps, timeout_ms: 60_000 })).result.passed).toBe(true);
    expect((await browse(look, { timeout_ms: 5000 })).result.passed).toBe(false);
  });

  test('gets past dialogs, and gives up on a page that opens them for ever', async () => {
    await using polite = await page('<script>alert(1); document.title = String(confirm("sure?"))</script><p>after</p>');
    const pass = [
      { do: 'goto', url: polite.url },
      { do: 'expect_text', text: 'after' },
    ];
    expect((await browse(pass)).result.passed).toBe(true);
    await using endless = await page('<script>for (;;) alert(1)</script>');
    expect((await browse([{ do: 'goto', url: endless.url }])).result.error).toContain('more than 20 dialogs');
  });

  test('gives up on a page that opens windows for ever, or never lets go of its thread', async () => {
    await using windows = await page('<button onclick="for (let i = 0; i < 50; i++) open(\'/done?\' + i)">Go</button>');
    const click = [
      { do: 'goto', url: windows.url },
      { do: 'click', selector: 'button' },
      { do: 'expect_text', text: 'never there' },
    ];
    expect((await browse(click, { timeout_ms: 15_000 })).result.passed).toBe(false);
    await using busy = await page('<p>busy</p><script>onload = () => setTimeout(() => { for (;;); })</script>');
    const wait = [
      { do: 'goto', url: busy.url },
      { do: 'expect_text', text: 'never there' },
    ];
    expect((await browse(wait, { timeout_ms: 5000 })).result.passed).toBe(false);
    const press = [
      { do: 'goto', url: busy.url },
      { do: 'click', selector: 'button' },
    ];
    expect((await browse(press, { timeout_ms: ENOUGH_TO_LOAD_MS })).result.error).toContain('action 2 (click "button")');
  });

  test('is killed when the job has to stop', async () => {
    const asked = Promise.withResolvers<void>();
    await using site = await serveSite(() => asked.resolve());
    const steps = [{ type: 'browser', actions: [{ do: 'goto', url: site.url }] }];
    const job = startJob(executor, { test_id: 't', run_id: 'r', steps, timeout_ms: 60_000, egress: LOOPBACK });
    await asked.promise;
    job.stop('cancelled', 0);
    expect((await job.outcome).op).toBe('fail');
    expect(await killLeftovers(containment.mark)).toBe(0);
  });

  test('does not open other schemes than http and https', async () => {
    for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'chrome://version', 'data:text/html,x']) {
      const { outcome } = await browse([{ do: 'goto', url }]);
      expect(outcome).toMatchObject({ op: 'fail', retryable: false });
    }
    await using site = await page('<a href="file:///etc/hostname" id="a">file</a>');
    const { result } = await browse(
      [
        { do: 'goto', url: site.url },
        { do: 'click', selector: '#a' },
        { do: 'expect_url', contains: 'file:' },
      ],
      { timeout_ms: 5000 },
    );
    expect(result.passed).toBe(false);
  });

  test('shows no value that a field was filled with after it was captured', async () => {
    await using site = await serveSite((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(request.url === '/token' ? 'captured-secret-4711' : SHOP);
    });
    const steps = [
      { type: 'http', url: `${site.url}/token`, capture: [{ name: 'token', source: 'body' }] },
      {
        type: 'browser',
        actions: [
          { do: 'goto', url: site.url },
          { do: 'fill', selector: '#q', value: '{{token}}' },
          { do: 'click', selector: 'text=Go' },
          { do: 'expect_url', contains: 'q={{token}}' },
          { do: 'expect_text', text: 'captured-secret-4711 is not here' },
        ],
      },
    ];
    const { result, told } = await runMonitorJob(executor, { steps, timeout_ms: ENOUGH_TO_LOAD_MS });
    expect(result.error).toContain('action 5 (expect_text "••• is not here")');
    expect(site.asked).toContain('/done?q=captured-secret-4711&p=');
    expect(told).not.toContain('captured-secret-4711');
  });

  test('also works where there is no sandbox', async () => {
    await using site = await page('<p>plain</p>');
    const plain = createMonitorExecutor({ chromium, containment: plainContainment() });
    const actions = [
      { do: 'goto', url: site.url },
      { do: 'expect_text', text: 'plain' },
    ];
    const { result } = await runMonitorJob(plain, { steps: [{ type: 'browser', actions }] });
    expect(result.passed).toBe(true);
  });

  test.skipIf(sandboxProblem !== null)('runs its pages in namespaces of their own, under a filter for system calls', async () => {
    if (chromium === null) throw new Error('no Chromium');
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
    const mark = `${containment.mark}launcher`;
    const launcher = new BrowserLauncher(chromium, containment);
    const browser = await launcher.launch({ folder, mark, signal: new AbortController().signal });
    await (await browser.newPage()).goto('about:blank');
    // A process of a page starts, and shuts itself in, a moment after the page is there.
    await vi.waitFor(
      async () => {
        const found = await rendererStatuses(mark);
        expect(found.length).toBeGreaterThan(0);
        for (const status of found) {
          expect(status).toMatch(/^NSpid:(\t\d+){2,}$/m);
          expect(status).toMatch(/^Seccomp:\t2$/m);
        }
      },
      { timeout: 60_000, interval: 250 },
    );
    await browser.close();
    await rm(folder, { recursive: true });
  });

  test('downloads nothing', async () => {
    await using site = await serveSite((request, response) => {
      if (request.url === '/file') response.writeHead(200, { 'content-disposition': 'attachment; filename=x.bin' }).end('data');
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<a href="/file" id="a">get</a><p>still here</p>');
    });
    const { result } = await browse([
      { do: 'goto', url: site.url },
      { do: 'click', selector: '#a' },
      { do: 'expect_text', text: 'still here' },
    ]);
    expect(result.passed).toBe(true);
  });
});

describe.skipIf(chromium === null)('a page that is not trusted', () => {
  /** Ways out that pages have; `CANARY` is where they lead. */
  const WAYS: Record<string, string> = {
    image: '<img src="http://CANARY/image">',
    frame: '<iframe src="http://CANARY/frame"></iframe>',
    fetch: '<script>fetch("http://CANARY/fetch", { mode: "no-cors" })</script>',
    beacon: '<script>navigator.sendBeacon("http://CANARY/beacon", "x")</script>',
    socket: '<script>new WebSocket("ws://CANARY/socket")</script>',
    'meta refresh': '<meta http-equiv="refresh" content="0;url=http://CANARY/refresh">',
    navigation: '<script>setTimeout(() => { location = "http://CANARY/location" })</script>',
    popup: '<script>open("http://CANARY/popup")</script>',
    'prefetch and DNS': '<link rel="preconnect" href="http://CANARY"><link rel="prefetch" href="http://CANARY/prefetch">',
    worker: '<script>new Worker(URL.createObjectURL(new Blob([`fetch("http://CANARY/worker", { mode: "no-cors" })`])))</script>',
    redirect: '<img src="/redirect">',
    'secure image': '<img src="https://CANARY/image">',
  };

  test.each(Object.entries(WAYS))('does not reach inside by %s', async (_name, html) => {
    const connections: string[] = [];
    const canary = createServer((request, response) => {
      connections.push(request.url ?? '');
      response.end();
    });
    canary.on('connection', () => connections.push('connection'));
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.2', resolve));
    const inside = `127.0.0.2:${(canary.address() as AddressInfo).port}`;
    await using site = await serveSite((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: `http://${inside}/redirected` }).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end(`${html.replaceAll('CANARY', inside)}<p>loaded</p>`);
    });
    const actions = [
      { do: 'goto', url: `${site.url}/` },
      { do: 'expect_text', text: 'what never comes' },
    ];
    const job = startMonitorJob(executor, { steps: [{ type: 'browser', actions }], egress: { allow: ['127.0.0.1'] }, timeout_ms: 40_000 });
    const refusals = (): string[] =>
      linesOf(job)
        .map(({ message }) => message)
        .filter((message) => message.startsWith('The page was refused'));
    // It tries, and is refused by name; the browser itself asks for nothing. What a page breaks off itself is no way out.
    const others = (): string[] => refusals().filter((message) => !message.endsWith('the exchange failed'));
    await vi.waitFor(() => expect(others()).not.toEqual([]), { timeout: 60_000 });
    job.stop('cancelled', 0);
    await job.outcome;
    await new Promise((resolve) => canary.close(resolve));
    expect(site.asked).toContain('/');
    expect(connections).toEqual([]);
    expect(others().filter((message) => !message.includes('127.0.0.2 is a loopback address'))).toEqual([]);
  });
});
