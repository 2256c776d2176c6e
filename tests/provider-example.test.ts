import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const example = path.resolve(import.meta.dirname, '../examples/provider');

describe('examples/provider', () => {
  it('runs a manifest with a provider of its own', () => {
    const { status, stdout } = run(path.join(example, 'pod.yaml'));
    assert.deepEqual([status, stdout], [0, 'prepared\nHello, Ada\n']);
  });

  it("ends with the container's code, and says what cannot be had", () => {
    using manifest = podOf({ image: '/bin/sh', args: ['-c', 'exit 3'] });
    assert.equal(run(manifest.file).status, 3);
    using without = podOf({ image: '/no/such/program' });
    const { status, stderr } = run(without.file);
    assert.notEqual(status, 0);
    assert.match(stderr, /ErrImagePull: there is no program "\/no\/such\/program"/);
  });
});

function run(manifest: string) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'krustlet-example-'));
  try {
    return spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(example, 'main.ts'), manifest],
      { encoding: 'utf8', env: { ...process.env, HOME: home }, timeout: 60_000 },
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function podOf(container: object) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'krustlet-pod-'));
  const file = path.join(folder, 'pod.json');
  const containers = [{ name: 'app', ...container }];
  const spec = { restartPolicy: 'Never', containers };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec }),
  );
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  return { file, [Symbol.dispose]: dispose };
}
