import { describe, expect, test } from 'vitest';
import { startJob } from '@tidemark/sdk/testing';
import { plainContainment } from '../../testing/containment.ts';
import { listMembers } from '../../processes/process-tree.ts';
import { createScriptExecutor } from './run-script.ts';

// Without the sandbox around it: this is what the isolate and its process hold by themselves.
describe('a script in an isolate', () => {
  test.each([
    [
      'constructors of what the host hands in, gives back and throws',
      `const roots = [console.log, setTimeout, clearTimeout, input, input.nested, setTimeout(() => {}), Promise.resolve()];
       try { setTimeout(() => {}, { valueOf() { throw new Error('own') } }); } catch (error) { roots.push(error); }
       try { for (;;) setTimeout(() => {}, 1e9); } catch (error) { roots.push(error); }
       return roots.map((root) => root?.constructor.constructor('return typeof process + typeof require')()).filter((found) => found !== 'undefinedundefined');`,
    ],
    [
      'stacks, callers and errors prepared by the script',
      `const found = [];
       Error.prepareStackTrace = (_error, sites) => { for (const site of sites) found.push(site.getThis?.(), site.getFunction?.()); return ''; };
       try { null.x; } catch (error) { void error.stack; }
       function caller() { try { found.push(caller.caller, arguments.callee.caller); } catch { } }
       caller();
       Error.prepareStackTrace = undefined;
       return found.filter((each) => each && each !== globalThis && each.constructor?.constructor?.('return typeof process')() !== 'undefined').length ? ['stack'] : [];`,
    ],
    [
      'prototypes that the host might read',
      `Object.defineProperty(Object.prototype, 'then', { get() { return undefined; }, configurable: true });
       Object.prototype.type = 'done'; Object.prototype.env = { A: 1 }; Array.prototype.toJSON = undefined;
       const seen = []; const trap = new Proxy({}, { get: (_t, name) => { seen.push(String(name)); return () => ''; } });
       console.log(trap, '{"type":"done","has_output":false}\\n', { toJSON() { return { type: 'failed' }; } });
       delete Object.prototype.type; delete Object.prototype.env;
       return seen.filter((name) => /process|mainModule|binding/.test(name));`,
    ],
    [
      'modules, workers and shared memory',
      `const found = ['Worker', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'importScripts', 'ivm', 'Deno', 'Bun', '$0', '__input'].filter((name) => name in globalThis);
       for (const name of ['fs', 'node:child_process', 'isolated-vm', 'file:///etc/passwd', './isolate-host.ts']) await import(name).then(() => found.push(name), () => undefined);
       return found;`,
    ],
  ])('finds no way out through %s', async (_name, source) => {
    expect(await startJob(createScriptExecutor(plainContainment()), { source, input: { nested: {}, list: [] } }).outcome).toMatchObject({
      op: 'complete',
      output: '[]',
    });
  });

  test.each([
    ['sets timers', 'for (;;) setTimeout(() => {}, 1e9)', /more than 1000 timers/],
    ['calls itself', 'const again = () => again() + 1; return again()', /Maximum call stack/],
    ['nests its result', 'let deep = []; for (let at = 0; at < 1e5; at += 1) deep = [deep]; return deep', /not JSON|Maximum call stack/],
    ['makes memory outside the heap', 'const all = []; for (;;) all.push(new ArrayBuffer(1e9))', /memory|allocation/i],
  ])('that %s without end fails and takes nothing with it', async (_name, source, error) => {
    const containment = plainContainment();
    const outcome = await startJob(createScriptExecutor(containment), { source, memory_mb: 32 }).outcome;
    expect(outcome).toMatchObject({ op: 'fail', error: expect.stringMatching(error) });
    expect(await listMembers({ pid: -1, mark: containment.mark })).toEqual([]);
  });
});
