import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';

const root = path.resolve(import.meta.dirname, '..');

describe("README's first command", () => {
  it('shows pods that run, answer and write, and leaves none of them', () => {
    const demo = ['--disable-warning=ExperimentalWarning', path.join(root, 'scripts/demo.ts')];
    const { stdout, stderr, status } = spawnSync(process.execPath, demo, {
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\$ curl http:\/\/127\.64\.\d+\.\d+:8080\/\n\S+/m);
    assert.match(stdout, /^\$ krustlet exec journal cat \/journal\/entries\.txt\n\S+/m);
    assert.match(stdout, /^\$ krustlet ps --all\n(?![^$]*Running)/m);
    assert.match(stdout, /^Nothing is left running\./m);
  });
});
