import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ContainerFilter } from './seccomp-filter.ts';
import {
  allowedSystemCalls,
  networkSystemCalls,
  refusedSystemCalls,
  unsupportedSystemCalls,
} from './system-calls.ts';

const killProcess = 0x8000_0000;
const instructionBytes = 8;

describe('ContainerFilter', () => {
  for (const architecture of ['x64', 'arm64'] as const) {
    it(`ends with a kill on ${architecture}, and knows no other architecture`, () => {
      const program = new ContainerFilter({ architecture, threads: 'single' }).for(1);
      const view = new DataView(program.buffer, program.byteOffset, program.length);
      assert.equal(program.length % instructionBytes, 0);
      assert.equal(view.getUint32(program.length - 4, true), killProcess);
      assert.equal(view.getUint32(2 * instructionBytes + 4, true), killProcess);
    });
  }

  it('opens no sockets and starts no threads but for an event loop', () => {
    const size = (threads: 'single' | 'engine' | 'event-loop') =>
      new ContainerFilter({ architecture: 'x64', threads }).for(1).length;
    assert.ok(size('single') < size('engine') && size('engine') < size('event-loop'));
    for (const name of ['connect', 'bind', 'listen'] as const) {
      assert.ok(!allowedSystemCalls.includes(name) && networkSystemCalls.includes(name));
    }
  });

  it('names the process that it is for, and no other after it', () => {
    const filter = new ContainerFilter({ architecture: 'x64', threads: 'single' });
    const [first, second] = [0x1234_5678, 0x0765_4321].map((id) => Buffer.from(filter.for(id)));
    const differing = [...(first ?? [])].flatMap((byte, at) => (byte === second?.[at] ? [] : at));
    assert.deepEqual(differing.length, 4);
    assert.equal(second?.readUInt32LE(differing[0]), 0x0765_4321);
  });

  it('gives each call one answer', () => {
    const lists = [...allowedSystemCalls, ...unsupportedSystemCalls, ...refusedSystemCalls];
    assert.equal(new Set(lists).size, lists.length);
  });
});
