import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { BodyEnd } from '../container/container-body.ts';
import { exitNoteOf, openExitNote, writeExitNote } from '../container/exit-note.ts';
import { readExitRecord } from '../state/exit-record.ts';
import { awaitExitRecord } from './await-exit-record.ts';

const start = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-01-01T00:01:00Z');
/** A clock by which the zygote's time is always up. */
const clock = { now: () => now, sleep: async () => {} };

describe('awaitExitRecord, where no zygote is left', () => {
  const ends: readonly (readonly [BodyEnd | 'killed', object])[] = [
    [
      { kind: 'exited', exitCode: 7 },
      { exitCode: 7, reason: 'Error' },
    ],
    [
      { kind: 'exited', exitCode: 0 },
      { exitCode: 0, reason: 'Completed' },
    ],
    [
      { kind: 'trapped', message: 'unreachable', outOfMemory: true },
      { exitCode: 134, reason: 'OOMKilled', message: 'unreachable' },
    ],
    [
      'killed',
      {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container ended while nothing watched it',
      },
    ],
  ];
  for (const [end, expected] of ends) {
    it(`records ${JSON.stringify(end)} as the process has noted it`, async () => {
      using directory = temporaryDirectory();
      const note = openExitNote(directory.path);
      if (end !== 'killed') writeExitNote(note, exitNoteOf(end));
      const { signal } = new AbortController();
      const record = await awaitExitRecord(directory.path, start, clock, signal);
      assert.deepEqual(record, { ...expected, startedAt: start, finishedAt: now });
      assert.deepEqual(readExitRecord(directory.path), record);
    });
  }
});

function temporaryDirectory(): Disposable & { readonly path: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'krustlet-exit-'));
  return {
    path: directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
