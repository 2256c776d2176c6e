import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { StartForm } from '../../src/runtime/container-spec.ts';
import { TestContainers } from './test-containers.ts';

const main = path.resolve(import.meta.dirname, 'hostile-zygote.ts');
const modulePath = path.resolve(import.meta.dirname, '../fixtures/components/http-hello.wasm');

for (const form of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`containers with a fault of ours, ${form}`, () => {
    it('end, and their status says what nobody has caught', async () => {
      await using containers = new TestContainers(form, { main });
      const { exitCode, reason, message } = await containers.run(containers.create({ modulePath }));
      assert.deepEqual([exitCode, reason], [125, 'ContainerCannotRun']);
      assert.match(message ?? '', /^Error: a fault of ours\n\s+at .*faulty-body/);
    });
  });
}
