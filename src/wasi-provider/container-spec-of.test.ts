import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerConfig } from '../kubelet/provider.ts';
import { containerSpecOf } from './container-spec-of.ts';
import { podAnnotations } from './pod-annotations.ts';

function specOf(runtimeHandler: string, annotations: Readonly<Record<string, string>> = {}) {
  const image = { path: '/program.wasm', env: [], entrypoint: [], cmd: [], workingDir: '' };
  const lists = { env: [], ports: [], podIPs: [], mounts: [], command: [], args: [] };
  const pod = { namespace: 'shop', name: 'web', uid: '1' };
  const config = { ...lists, runtimeHandler, annotations, image, pod, hostname: 'web' };
  return containerSpecOf(config as unknown as ContainerConfig); // all that it looks at
}

const starting = (form: string) => ({ [podAnnotations.containerStart]: form });

describe('containerSpecOf', () => {
  it('isolates where the RuntimeClass or the pod says so', () => {
    assert.equal(specOf('wasm').start, 'fork');
    assert.equal(specOf('wasm', starting('exec')).start, 'exec');
    assert.equal(specOf('wasm-isolated').start, 'exec');
    assert.equal(specOf('wasm-isolated', starting('fork')).start, 'exec');
  });

  for (const annotations of [starting('Exec'), { 'krustlet.dev/container-strat': 'exec' }]) {
    const [name] = Object.keys(annotations);
    it(`refuses ${JSON.stringify(annotations)}`, () => {
      assert.throws(() => specOf('wasm', annotations), {
        code: 'CreateContainerConfigError',
        message: new RegExp(`^annotation .*${name}`),
      });
    });
  }

  it('refuses a runtime handler that it does not have', () => {
    assert.throws(() => specOf('runc'), { message: /"runc" is not known: use wasm, / });
  });
});
