import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { emptyDirectory, LiveDirectory } from './live-directory.ts';

describe('LiveDirectory', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'krustlet-live-'));
  const place = path.join(root, 'services');
  const read = (name: string) => readFileSync(path.join(place, name), 'utf8');
  const inode = (name: string) => statSync(path.join(place, name)).ino;
  after(() => rmSync(root, { recursive: true }));

  it('replaces a file as a whole, and only where it changes', () => {
    const directory = new LiveDirectory(place);
    directory.put('10.96.0.1', 'one');
    const first = inode('10.96.0.1');
    directory.put('10.96.0.1', 'one');
    assert.equal(inode('10.96.0.1'), first);
    directory.put('10.96.0.1', 'two');
    assert.notEqual(inode('10.96.0.1'), first);
    assert.equal(read('10.96.0.1'), 'two');
    assert.deepEqual(readdirSync(place), ['10.96.0.1']);
  });

  it('knows what an earlier life left, and writes it anew', () => {
    const directory = new LiveDirectory(place);
    assert.deepEqual(directory.names, ['10.96.0.1']);
    directory.put('10.96.0.1', 'two');
    directory.put('10.96.0.2', 'more');
    directory.remove('10.96.0.1');
    assert.deepEqual(readdirSync(place), ['10.96.0.2']);
  });

  it('is emptied for those who look into it, be it there or not', () => {
    const other = path.join(root, 'other');
    emptyDirectory(other);
    new LiveDirectory(other).put('10.96.0.1', 'one');
    emptyDirectory(other);
    assert.deepEqual(readdirSync(other), []);
  });

  it('may be read by every user', () => {
    assert.equal(statSync(place).mode & 0o777, 0o755);
    assert.equal(statSync(path.join(place, '10.96.0.2')).mode & 0o777, 0o644);
  });
});
