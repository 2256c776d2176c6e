import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { containerFiles } from '../state/container-directory.ts';
import { openExitNote, readExitNote, writeExitNote } from './exit-note.ts';

describe('readExitNote', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'exit-note-'));
    file = containerFiles(directory).exitNote;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('reads what was written', () => {
    const note = { exitCode: 134, message: 'unreachable' };
    writeExitNote(openExitNote(directory), note);
    assert.deepEqual(readExitNote(directory), note);
  });

  for (const [what, put] of [
    ['nothing', () => {}],
    ['no note yet', () => closeSync(openExitNote(directory))],
    ['more than a note is', () => writeFileSync(file, `{"exitCode":0}${' '.repeat(8192)}`)],
    ['a link', () => symlinkSync('/proc/self/environ', file)],
    ['a FIFO', () => execFileSync('mkfifo', [file])],
  ] as const) {
    it(`reads none where there is ${what}`, () => {
      put();
      assert.equal(readExitNote(directory), undefined);
    });
  }
});
