import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeConformance } from './testing/conformance.ts';

const AGENT = fileURLToPath(new URL('../../../examples/python/agent.py', import.meta.url));
/** The program itself: what is called python3 may be a script that looks for it with the caller's environment. */
const found = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
const python = found.status === 0 ? found.stdout.trim() : null;

test('the reference agent has at most 100 lines and imports the standard library only', () => {
  const lines = readFileSync(AGENT, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(100);
  const imports = lines.filter((line) => /^\s*(import|from) /.test(line));
  expect(imports).toEqual([
    'import argparse, json, os, pathlib, random, signal, socket, subprocess, threading, time, urllib.error, urllib.request',
  ]);
});

describe.skipIf(python === null)('with python3', () => {
  describeConformance({
    name: 'agent.py',
    command: ({ url, name, labels, state, grace_seconds }) => ({
      program: python ?? '',
      args: [AGENT, '--url', url, '--name', name, '--labels', labels, '--state', state, '--grace', String(grace_seconds)],
    }),
  });
});
