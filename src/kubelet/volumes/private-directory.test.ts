import assert from 'node:assert/strict';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  mkdtempDisposable,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PodDirectories } from '../pods/pod-directories.ts';
import { makeInMemory, makePrivateDirectory } from './private-directory.ts';

describe('makePrivateDirectory', () => {
  let root = '';
  let directory = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'krustlet-private-'));
    directory = path.join(root, 'memory');
  });
  afterEach(() => rm(root, { recursive: true }));

  const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

  it('makes a directory that nobody else can enter', async () => {
    makePrivateDirectory(directory);
    assert.equal(await modeOf(directory), 0o700);
  });

  it('closes one of our own to others, and keeps what is in it', async () => {
    await mkdir(directory);
    await chmod(directory, 0o777);
    await writeFile(path.join(directory, 'file'), '');
    makePrivateDirectory(directory);
    assert.equal(await modeOf(directory), 0o700);
    await stat(path.join(directory, 'file'));
  });

  it('uses no link, and leaves what it leads to as it is', async () => {
    const elsewhere = path.join(root, 'elsewhere');
    await mkdir(elsewhere);
    await chmod(elsewhere, 0o755);
    await symlink(elsewhere, directory);
    assert.throws(() => makePrivateDirectory(directory), { code: 'FailedMount' });
    assert.equal(await modeOf(elsewhere), 0o755);
  });

  it('uses no directory of somebody else', { skip: process.geteuid?.() !== 0 }, async () => {
    await mkdir(directory);
    await chown(directory, 1234, 1234);
    assert.throws(() => makePrivateDirectory(directory), { code: 'FailedMount' });
  });
});

describe('makeInMemory', () => {
  it("makes a pod's directories below one that nobody else can enter", async () => {
    await using root = await mkdtempDisposable(path.join(tmpdir(), 'krustlet-memory-'));
    const memory = path.join(root.path, 'memory');
    const directories = new PodDirectories(root.path, { memory });
    const made = makeInMemory(directories, { uid: 'u' }, 'volumes', 'v');
    assert.equal(made, path.join(memory, 'u', 'volumes', 'v'));
    assert.ok((await stat(made)).isDirectory());
    assert.equal((await stat(memory)).mode & 0o777, 0o700);
  });
});
