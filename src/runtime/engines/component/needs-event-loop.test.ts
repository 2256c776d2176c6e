import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { prepareComponent } from '../../../wasi/component/prepared-component.ts';
import { encodePrepared, headerEnd, headerSize } from '../../../wasi/component/prepared-file.ts';
import { componentFixture } from '../../../wasi/component/testing/fixtures.ts';
import { TemporaryDirectory } from '../../../wasi/testing/temporary-directory.ts';
import type { ContainerSpec, ExecSpec } from '../../container-spec.ts';
import { plainContainerSpec } from '../../plain-container-spec.ts';
import { needsEventLoop } from './needs-event-loop.ts';

const pipes = { kind: 'pipes' } as const;

function specOf(modulePath: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return plainContainerSpec({
    ...{ id: 'c', trustDomain: 'test', modulePath, args: [] },
    log: { path: '/none', maxBytes: 1, maxFiles: 1 },
    user: { uid: 0, gid: 0, groups: [] },
    ...changes,
  });
}

describe('needsEventLoop', () => {
  const directory = new TemporaryDirectory();
  after(() => directory[Symbol.dispose]());
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(directory.file(name), bytes);
    return directory.file(name);
  };

  for (const [fixture, expected] of [
    ['command', false],
    ['async-command', true],
    ['http-hello', true],
  ] as const) {
    it(`knows it of '${fixture}' by what was prepared`, () => {
      const bytes = componentFixture(fixture);
      const modulePath = file('component', bytes);
      const preparedPath = file('prepared', encodePrepared(prepareComponent(bytes)));
      assert.equal(needsEventLoop(specOf(modulePath, { preparedPath })), expected);
    });
  }

  it('does not take apart a component that was not prepared', () => {
    assert.equal(needsEventLoop(specOf(file('component', componentFixture('command')))), true);
  });

  it('does not read a header of any length', () => {
    const bytes = componentFixture('command');
    const prepared = Buffer.from(encodePrepared(prepareComponent(bytes)));
    const end = headerEnd(prepared) ?? 0;
    const padding = Buffer.alloc(1024 * 1024, ' ');
    prepared.writeUInt32LE(end - headerSize + padding.length, headerSize - 4);
    const long = Buffer.concat([prepared.subarray(0, end), padding, prepared.subarray(end)]);
    const spec = specOf(file('component', bytes), { preparedPath: file('prepared', long) });
    assert.equal(needsEventLoop(spec), true);
  });

  for (const program of ['module', 'builtin'] as const satisfies ExecSpec['program'][]) {
    it(`does without one for a module of the image, run as '${program}'`, () => {
      const modulePath = file('module', Buffer.from('\0asm\x01\0\0\0'));
      assert.equal(needsEventLoop(specOf(modulePath, { exec: { program, stdio: pipes } })), false);
    });
  }

  it('reads nothing of a module in a mount, which its guests may change', () => {
    const spec = specOf('/not/there', { exec: { program: 'mounted', stdio: pipes } });
    assert.equal(needsEventLoop(spec), true);
  });
});
