import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findSupervisor, recordSupervisor } from './supervisor-record.ts';

describe('findSupervisor', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'krustlet-supervisors-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const supervised = { manifest: '/pod.yaml', pods: ['1234'], names: ['web'] };

  function rewrite(change: (text: string) => string): void {
    const folder = path.join(dataDir, 'supervisors');
    const [name = assert.fail()] = readdirSync(folder);
    const file = path.join(folder, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  it('finds the process that runs a pod', () => {
    using _ = recordSupervisor(dataDir, supervised);
    assert.equal(findSupervisor(dataDir, '1234')?.pid, process.pid);
    assert.equal(findSupervisor(dataDir, '5678'), undefined);
  });

  it('finds none of another boot, whose pid and start time another process has now', () => {
    using _ = recordSupervisor(dataDir, supervised);
    rewrite((text) => JSON.stringify({ ...JSON.parse(text), boot: 'earlier' }));
    assert.equal(findSupervisor(dataDir, '1234'), undefined);
  });

  it('passes over what a machine that lost its power has left', () => {
    using _ = recordSupervisor(dataDir, supervised);
    rewrite(() => '');
    assert.equal(findSupervisor(dataDir, '1234'), undefined);
  });
});
