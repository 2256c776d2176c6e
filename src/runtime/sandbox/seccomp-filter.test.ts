import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerFilter } from './seccomp-filter.ts';
import {
  allowedSystemCalls,
  networkSystemCalls,
  refusedSystemCalls,
  unsupportedSystemCalls,
} from './system-calls.ts';

const killProcess = 0x8000_0000;
const instructionBytes = 8;

describe('containerFilter', () => {
  for (const architecture of ['x64', 'arm64'] as const) {
    it(`ends with a kill on ${architecture}, and knows no other architecture`, () => {
      const program = containerFilter({ architecture, processId: 1, threads: 'single' });
      const view = new DataView(program.buffer, program.byteOffset, program.length);
      assert.equal(program.length % instructionBytes, 0);
      assert.equal(view.getUint32(program.length - 4, true), killProcess);
      assert.equal(view.getUint32(2 * instructionBytes + 4, true), killProcess);
    });
  }

  it('opens no sockets and starts no threads but for an event loop', () => {
    const size = (threads: 'single' | 'engine' | 'event-loop') =>
      containerFilter({ architecture: 'x64', processId: 1, threads }).length;
    assert.ok(size('single') < size('engine') && size('engine') < size('event-loop'));
    for (const name of ['socket', 'connect', 'bind', 'listen'] as const) {
      assert.ok(!allowedSystemCalls.includes(name) && networkSystemCalls.includes(name));
    }
  });

  it('gives each call one answer', () => {
    const lists = [...allowedSystemCalls, ...unsupportedSystemCalls, ...refusedSystemCalls];
    assert.equal(new Set(lists).size, lists.length);
  });
});
