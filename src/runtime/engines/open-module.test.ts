import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { TemporaryDirectory } from '../../wasi/testing/temporary-directory.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';
import { openModule } from './open-module.ts';

const exec = { program: 'mounted', stdio: { kind: 'pipes' } } as const;

describe('openModule', () => {
  const directory = new TemporaryDirectory();
  after(() => directory[Symbol.dispose]());
  mkdirSync(directory.file('folder'));
  writeFileSync(directory.file('folder', 'module'), 'its bytes');
  symlinkSync('folder/module', directory.file('link'));
  symlinkSync('folder', directory.file('linked-folder'));
  execFileSync('mkfifo', [directory.file('fifo')]);

  function read(spec: Parameters<typeof openModule>[0]): string {
    const fd = openModule(spec);
    try {
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  }

  it('opens a module of a mount', () => {
    assert.equal(read({ modulePath: directory.file('folder', 'module'), exec }), 'its bytes');
  });

  for (const [what, ...names] of [
    ['a symbolic link', 'link'],
    ['what lies behind one', 'linked-folder', 'module'],
    ['a FIFO', 'fifo'],
    ['a folder', 'folder'],
    ['nothing', 'nothing'],
  ] as const) {
    it(`opens none where there is ${what} now`, () => {
      assert.throws(() => openModule({ modulePath: directory.file(...names), exec }), SandboxError);
    });
  }

  it('follows links to a module of an image, which no guest can change', () => {
    assert.equal(read({ modulePath: directory.file('linked-folder', 'module') }), 'its bytes');
  });
});
