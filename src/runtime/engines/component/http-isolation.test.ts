import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { prepareComponent } from '../../../wasi/component/prepared-component.ts';
import { encodePrepared } from '../../../wasi/component/prepared-file.ts';
import { componentFixture } from '../../../wasi/component/testing/fixtures.ts';
import { TemporaryDirectory } from '../../../wasi/testing/temporary-directory.ts';
import type { HttpServingSpec } from '../../container-spec.ts';
import { plainContainerSpec } from '../../plain-container-spec.ts';
import { httpIsolationOf } from './http-isolation.ts';

type Prepared = ReturnType<typeof prepareComponent>;

function isolationOf(
  fixture: 'http-hello' | 'command',
  serving: HttpServingSpec = {},
  isolation?: Prepared['isolation'],
) {
  using directory = new TemporaryDirectory();
  const prepared = prepareComponent(componentFixture(fixture));
  const preparedPath = directory.file('prepared');
  writeFileSync(preparedPath, encodePrepared({ ...prepared, ...(isolation && { isolation }) }));
  const spec = plainContainerSpec({
    ...{ id: 'c', trustDomain: 'test', modulePath: '/none', args: [], preparedPath },
    http: { listen: { address: '127.0.0.1', port: 8080 }, serving, egress: [] },
    log: { path: '/none', maxBytes: 1, maxFiles: 1 },
    user: { uid: 0, gid: 0, groups: [] },
  });
  return httpIsolationOf(spec);
}

describe('httpIsolationOf', () => {
  it('says that instances are reset', () => {
    assert.equal(isolationOf('http-hello')?.kind, 'reset');
  });

  it('says why each request needs a new one', () => {
    const fresh = { kind: 'fresh', reason: 'table-write', detail: 'its tables change' } as const;
    assert.deepEqual(isolationOf('http-hello', {}, fresh), {
      kind: 'fresh',
      reason: 'its tables change',
    });
  });

  it('says that requests share one where that was asked for', () => {
    assert.equal(isolationOf('http-hello', { shareState: true })?.kind, 'shared');
  });

  it('says nothing of what serves no HTTP', () => {
    assert.equal(isolationOf('command'), undefined);
  });
});
