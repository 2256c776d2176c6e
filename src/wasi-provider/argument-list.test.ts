import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { argumentList } from './argument-list.ts';

interface Case {
  readonly image?: { entrypoint?: string[]; cmd?: string[]; reference?: string };
  readonly command?: string[];
  readonly args?: string[];
}

const docker = { entrypoint: ['/ep', 'ep'], cmd: ['cmd'] };

describe('argumentList', () => {
  // https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#notes
  const cases: readonly (readonly [string, Case, readonly string[]])[] = [
    ['neither command nor args', { image: docker }, ['/ep', 'ep', 'cmd']],
    ['command alone', { image: docker, command: ['/c'] }, ['/c']],
    ['args alone', { image: docker, args: ['a'] }, ['/ep', 'ep', 'a']],
    ['both', { image: docker, command: ['/c'], args: ['a'] }, ['/c', 'a']],
    ['an image without either', { args: ['a'] }, ['app', 'a']],
    ['an image with only cmd', { image: { cmd: ['/m.wasm', 'x'] } }, ['/m.wasm', 'x']],
    [
      'an image with only cmd, and args',
      { image: { cmd: ['/m.wasm', 'x'] }, args: ['a'] },
      ['/m.wasm', 'a'],
    ],
    ['a local module', { image: { reference: 'file:///srv/hello.wasm' } }, ['hello']],
    ['a digest', { image: { reference: `r:5000/t/app@sha256:${'0'.repeat(64)}` } }, ['app']],
  ];
  for (const [name, { image, ...pod }, expected] of cases) {
    it(`gives ${JSON.stringify(expected)} for ${name}`, () => {
      const base = { reference: 'r.example/t/app:v1', digest: '', path: '', env: [] };
      const full = { ...base, entrypoint: [], cmd: [], ...image };
      assert.deepEqual(argumentList({ image: full, ...pod }), expected);
    });
  }
});
