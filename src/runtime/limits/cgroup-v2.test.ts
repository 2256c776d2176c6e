import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CgroupV2Hierarchy } from './cgroup-v2.ts';

/* Files as Linux 6.1 had them, not the kernel: what is written where, and how it is read. */
const stalled = 'some avg10=1.50 avg60=0.50 avg300=0.10 total=1234\n';

describe('CgroupV2Hierarchy', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'cgroup-v2-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const all = ['cpu', 'memory', 'pids'] as const;
  const limits = { memoryBytes: 67_108_864, cpuMillis: 250, pids: 10 };

  function setting(id: string, file: string): string {
    return readFileSync(path.join(root, id, file), 'utf8');
  }

  it('writes the limits', () => {
    const { directories } = new CgroupV2Hierarchy(root, all).create('web', limits);
    assert.deepEqual(directories, [path.join(root, 'web')]);
    assert.equal(setting('web', 'memory.max'), '67108864');
    assert.equal(setting('web', 'memory.oom.group'), '1');
    assert.equal(setting('web', 'cpu.max'), '25000 100000');
    assert.equal(setting('web', 'pids.max'), '10');
  });

  it('leaves out limits without a controller', () => {
    new CgroupV2Hierarchy(root, ['pids']).create('web', limits);
    assert.ok(!existsSync(path.join(root, 'web', 'memory.max')));
    assert.ok(!existsSync(path.join(root, 'web', 'cpu.max')));
    assert.equal(setting('web', 'pids.max'), '10');
  });

  it('gives no less than the kernel takes', () => {
    new CgroupV2Hierarchy(root, all).create('web', { cpuMillis: 1 });
    assert.equal(setting('web', 'cpu.max'), '1000 100000');
  });

  it('reads usage and kills', () => {
    const directory = path.join(root, 'web');
    mkdirSync(directory);
    for (const [file, text] of Object.entries({
      'cpu.stat':
        'usage_usec 398635\nuser_usec 72989\nsystem_usec 325645\n' +
        'nr_periods 14\nnr_throttled 12\nthrottled_usec 866223\nnr_bursts 0\nburst_usec 0\n',
      'memory.current': '8908800\n',
      'memory.stat':
        'anon 57344\nfile 8478720\nkernel 106496\nshmem 8388608\nanon_thp 0\nfile_thp 0\n' +
        'inactive_anon 8409088\nactive_anon 4096\ninactive_file 86016\nactive_file 4096\n',
      'memory.events': 'low 0\nhigh 0\nmax 21\noom 1\noom_kill 4\noom_group_kill 1\n',
      'cgroup.procs': '12\n34\n',
      'cpu.pressure': stalled,
    })) {
      writeFileSync(path.join(directory, file), text);
    }
    const cgroup = new CgroupV2Hierarchy(root, all).open('web') ?? assert.fail();
    assert.equal(cgroup.oomKills(), 4);
    assert.deepEqual(cgroup.usage(), {
      cpuNanos: 398_635_000n,
      memory: { usageBytes: 8_908_800, workingSetBytes: 8_822_784, rssBytes: 57_344 },
      processes: 2,
      pressure: { cpu: stalled },
    });
  });

  it('finds none that was not made', () => {
    assert.equal(new CgroupV2Hierarchy(root, all).open('web'), undefined);
  });
});
