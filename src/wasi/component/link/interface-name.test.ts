import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interfaceName } from './interface-name.ts';

describe('interfaceName', () => {
  const cases = [
    ['wasi:io/poll@0.2.0', 'wasi:io/poll'],
    ['wasi:io/poll@0.2.12', 'wasi:io/poll'],
    ['wasi:http/handler@0.3.1', 'wasi:http/handler@0.3'],
    ['wasi:http/types@0.2.0-rc-2023-11-10', 'wasi:http/types@0.2.0-rc-2023-11-10'],
    ['a:b/c@1.2.3', 'a:b/c@1'],
    ['a:b/c@0.0.3', 'a:b/c@0.0.3'],
    ['a:b/c', 'a:b/c'],
    ['plain', 'plain'],
  ] as const;
  for (const [versioned, name] of cases) {
    it(`makes '${name}' of '${versioned}'`, () => assert.equal(interfaceName(versioned), name));
  }
});
