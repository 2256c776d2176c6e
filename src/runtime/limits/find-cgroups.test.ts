import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findCgroups } from './find-cgroups.ts';

/* Files in the kernel's formats, not the kernel: what is read and written where. */
describe('findCgroups, version 2', () => {
  let mountPoint = '';
  beforeEach(() => {
    mountPoint = mkdtempSync(path.join(tmpdir(), 'cgroup-v2-'));
  });
  afterEach(() => rmSync(mountPoint, { recursive: true }));

  const all = 'cpuset cpu io memory hugetlb pids rdma misc\n';

  function put(cgroup: string, files: Readonly<Record<string, string>>): void {
    const directory = path.join(mountPoint, cgroup);
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(path.join(directory, `cgroup.${name}`), text);
    }
  }

  function controllersFound(): readonly string[] | undefined {
    return findCgroups(mountPoint, 'krustlet')?.controllers;
  }

  function subtree(cgroup: string): string {
    return readFileSync(path.join(mountPoint, cgroup, 'cgroup.subtree_control'), 'utf8');
  }

  it('asks for what is not handed on, and for nothing else', () => {
    put('.', { controllers: all, subtree_control: 'memory pids\n', procs: '1\n' });
    put('krustlet', {
      type: 'domain\n',
      controllers: 'cpu memory pids\n',
      subtree_control: 'cpu memory pids\n',
      procs: '',
    });
    assert.deepEqual(controllersFound(), ['cpu', 'memory', 'pids']);
    assert.equal(subtree('.'), '+cpu');
    assert.equal(subtree('krustlet'), 'cpu memory pids\n');
  });

  it('has only the controllers that our cgroup has', () => {
    put('.', { controllers: all, subtree_control: 'cpu memory pids\n', procs: '1\n' });
    put('krustlet', { type: 'domain\n', controllers: 'pids\n', subtree_control: '\n', procs: '' });
    assert.deepEqual(controllersFound(), ['pids']);
    assert.equal(subtree('krustlet'), '+pids');
  });

  it('changes nothing of a cgroup with processes that is not the root', () => {
    const procs = '0\n7\n';
    put('.', { type: 'domain\n', controllers: all, subtree_control: '\n', procs });
    put('krustlet', { type: 'domain\n', controllers: '\n', subtree_control: '\n', procs: '' });
    assert.deepEqual(controllersFound(), []);
    assert.equal(subtree('.'), '\n');
    assert.equal(subtree('krustlet'), '\n');
  });

  it('finds none below a cgroup of threads', () => {
    put('.', { controllers: all, subtree_control: '\n', procs: '1\n' });
    const threads = { type: 'domain invalid\n', controllers: 'cpu pids\n', subtree_control: '\n' };
    put('krustlet', { ...threads, procs: '' });
    assert.equal(controllersFound(), undefined);
  });

  it('finds none where it cannot move processes to, although it is our own', () => {
    put('.', { controllers: all, subtree_control: 'memory\n' });
    put('krustlet', {
      type: 'domain\n',
      controllers: 'memory\n',
      subtree_control: '\n',
      procs: '',
    });
    assert.equal(controllersFound(), undefined);
  });
});
