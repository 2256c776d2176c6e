import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import * as v from 'valibot';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { openFile } from '../../wasi/libc/plain-file.ts';
import { hasErrorCode } from '../errors.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';
import type { BodyEnd } from './container-body.ts';
import { cannotRunExitCode } from './start-report.ts';

const maxBytes = 8 * 1024;
const maxMessage = 2 * 1024;
const reservation = Buffer.alloc(4 * 1024, ' ');
const ownFile = openFlag.writeOnly | openFlag.create | openFlag.noFollow;

const exitNoteSchema = v.strictObject({
  exitCode: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  message: v.exactOptional(v.string()),
  /** Whether the guest had used up its memory when it trapped. */
  outOfMemory: v.exactOptional(v.boolean()),
  /** Whether the guest could not be run at all. */
  cannotRun: v.exactOptional(v.boolean()),
});

/**
 * What a container process says of its own end, in `exit-note.json`: the message that an exit code
 * cannot carry, and the code itself for when nobody is left to reap it. It is the guest's side of
 * the story: what the kernel reports goes before it.
 */
export type ExitNote = v.InferOutput<typeof exitNoteSchema>;

const trapExitCode = 134; // as a shell shows SIGABRT

/** The note of an end. */
export function exitNoteOf(end: BodyEnd): ExitNote {
  switch (end.kind) {
    case 'exited':
      return { exitCode: end.exitCode };
    case 'trapped':
      return {
        exitCode: trapExitCode,
        message: end.message,
        ...(end.outOfMemory && { outOfMemory: true }),
      };
    case 'cannot-run':
      return { exitCode: cannotRunExitCode, message: end.message, cannotRun: true };
    default:
      throw new Error('Cannot note an unknown end', { cause: end satisfies never });
  }
}

/**
 * Opens the note while the process still may, and makes it where nobody has; written at the end, once.
 * Its space is taken now, as the disk may be full by then.
 */
export function openExitNote(directory: string): number {
  const fd = must(
    "create 'exit-note.json'",
    openFile(containerFiles(directory).exitNote, ownFile, 0o600),
  );
  writeSync(fd, reservation);
  return fd;
}

/** Opens the note that {@link openExitNote} has made, for another process to write it. */
export function reopenExitNote(directory: string): number {
  return openSync(containerFiles(directory).exitNote, 'r+');
}

/** Writes the note and closes it. */
export function writeExitNote(fd: number, note: ExitNote): void {
  const message = note.message?.slice(0, maxMessage);
  writeSync(fd, JSON.stringify(message === undefined ? note : { ...note, message }), 0);
  closeSync(fd);
}

/** Reads the note; `undefined` where there is none, or no whole one. */
export function readExitNote(directory: string): ExitNote | undefined {
  const { exitNote: file } = containerFiles(directory);
  try {
    using note = openNote(file);
    const bytes = Buffer.alloc(maxBytes + 1); // its writer may make it longer while it is read
    const length = readSync(note.fd, bytes);
    return length > maxBytes ? undefined : parseExitNote(bytes.toString('utf8', 0, length));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ELOOP')) return undefined;
    throw error;
  }
}

function openNote(file: string): Disposable & { readonly fd: number } {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

function parseExitNote(text: string): ExitNote | undefined {
  try {
    const result = v.safeParse(exitNoteSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // cut off: the process was killed
    throw error;
  }
}
