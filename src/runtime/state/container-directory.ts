import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { makeFifo } from '../../wasi/libc/pipe.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { hasErrorCode, RuntimeError } from '../errors.ts';
import { writeAtomically } from './write-atomically.ts';

/**
 * The files of one container, `DATA_DIR/containers/<id>/`:
 *
 * - `spec.json`: what runs, see `ContainerSpec`; written before anything is started
 * - `process.json`: see `ProcessRecord`; created by the container process as its first act
 * - `exit.json`: see `ExitRecord`; its presence is the end of the container
 * - `alive`: a FIFO that the process opens read-write and never reads: end of file means its death
 * - `stdin`: a FIFO, where the spec's `stdin` is not `closed`. The process opens it read-write
 *   for `open` (it never ends), and for reading without blocking for `once` (it ends with its
 *   last writer; poll before reading, so that having had no writer yet is no end of file). Where
 *   the container has a terminal, the process that plays its user opens it, and types what comes
 * - `exit-note.json`: see `ExitNote`
 * - `log-tail`: the unfinished last lines of the log, see `saveLogTail`
 * - `exec/<id>/`: the same files for a program that runs beside the container
 *
 * The container's process can write to `alive`, `stdin`, `exit-note.json` and `log-tail`, whatever its
 * guest has made of it. It can change nothing else here.
 */
export interface ContainerFiles {
  readonly directory: string;
  readonly spec: string;
  readonly alive: string;
  readonly stdin: string;
  readonly exitNote: string;
  readonly logTail: string;
  readonly exec: string;
}

/** Names the files of the container whose directory this is. */
export function containerFiles(directory: string): ContainerFiles {
  return {
    directory,
    spec: `${directory}/spec.json`,
    alive: `${directory}/alive`,
    stdin: `${directory}/stdin`,
    exitNote: `${directory}/exit-note.json`,
    logTail: `${directory}/log-tail`,
    exec: `${directory}/exec`,
  };
}

/**
 * Makes the directory of a container that is to be started.
 *
 * @throws {RuntimeError} `AlreadyExists`
 */
export function createContainerDirectory(directory: string): ContainerFiles {
  mkdirSync(path.dirname(directory), { recursive: true, mode: 0o700 });
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (cause) {
    if (!hasErrorCode(cause, 'EEXIST')) throw cause;
    const id = path.basename(directory);
    throw new RuntimeError('AlreadyExists', `Cannot create container '${id}': it exists`, {
      cause,
    });
  }
  return containerFiles(directory);
}

/**
 * Writes what a container needs to be started; without it, its directory is nothing yet. A machine
 * that loses its power takes the container with it, and may take the spec.
 */
export function writeContainerSpec(files: ContainerFiles, spec: ContainerSpec): void {
  createFifo(files.alive);
  if (spec.exec === undefined && spec.stdin !== 'closed') createFifo(files.stdin);
  writeAtomically(files.spec, JSON.stringify(spec), { durable: false });
}

/** Beside containers' directories: what is being removed. Nothing in it is anybody's any more. */
export const removedName = '.removed';

/**
 * Removes all of a container's files, if there are any. They leave their place at once, so that a
 * zygote that has something to record meanwhile finds nothing there.
 */
export function removeContainerDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  const removed = path.join(path.dirname(directory), removedName);
  const grave = path.join(removed, `${path.basename(directory)}.${process.hrtime.bigint()}`);
  try {
    mkdirSync(removed, { recursive: true, mode: 0o700 });
    renameSync(directory, grave);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  rmSync(grave, { recursive: true, force: true });
}

/**
 * Makes a named pipe that only its owner can open.
 *
 * @throws where the kernel refuses
 */
export function createFifo(file: string): void {
  const result = makeFifo(file, 0o600);
  if (result < 0) throw new Error(`Cannot create FIFO '${file}': errno ${-result}`);
}
