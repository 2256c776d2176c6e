import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerSpec, HttpSpec, LimitsSpec } from '../../../container-spec.ts';
import { mostThreads } from './most-threads.ts';

const mebibyte = 1024 * 1024;

function most(cores: number, limits: LimitsSpec = {}, over: Partial<HttpSpec> = {}): number {
  const listen = { address: '127.0.0.1', port: 80 };
  const http = { listen, serving: {}, egress: [], ...over };
  return mostThreads({ http, limits } as unknown as ContainerSpec, cores); // all that it looks at
}

describe('mostThreads', () => {
  const table: readonly [what: string, found: number, expected: number][] = [
    ["the machine's cores", most(4), 4],
    ['eight of many', most(64), 8],
    ['as many as are asked for, of those there are', most(4, {}, { serving: { threads: 64 } }), 4],
    [
      'as many as are asked for, where there are more',
      most(64, {}, { serving: { threads: 12 } }),
      12,
    ],
    ['one, which is asked for', most(4, {}, { serving: { threads: 1 } }), 1],
    ['the limit, in whole cores', most(4, { cpuMillis: 1500 }), 2],
    ['one for less than a core', most(4, { cpuMillis: 300 }), 1],
    ['what half of the memory has room for', most(8, { memoryBytes: 192 * mebibyte }), 3],
    ['one in little memory', most(8, { memoryBytes: 64 * mebibyte }), 1],
    ['one where requests share state', most(4, {}, { serving: { shareState: true } }), 1],
    ['one where the guest sends requests', most(4, {}, { egress: [{ hosts: ['a.test'] }] }), 1],
  ];
  for (const [what, found, expected] of table) {
    it(`is ${what}`, () => assert.equal(found, expected));
  }
});
