import path from 'node:path';

/**
 * The files of one container, `DATA_DIR/containers/<id>/`:
 *
 * - `spec.json`: what runs, see `ContainerSpec`; written before anything is started
 * - `process.json`: see `ProcessRecord`; created by the container process as its first act
 * - `exit.json`: see `ExitRecord`; its presence is the end of the container
 * - `alive`: a FIFO that the process opens read-write and never reads: end of file means its death
 * - `stdin`: a FIFO, where the spec's `stdin` is not `closed`. The process opens it read-write
 *   for `open` (it never ends), and for reading without blocking for `once` (it ends with its
 *   last writer; poll before reading, so that having had no writer yet is no end of file)
 * - `exec/<id>/`: the same files for a program that runs beside the container
 */
export interface ContainerFiles {
  readonly directory: string;
  readonly spec: string;
  readonly alive: string;
  readonly stdin: string;
  readonly exec: string;
}

/** Names the files of the container whose directory this is. */
export function containerFiles(directory: string): ContainerFiles {
  return {
    directory,
    spec: path.join(directory, 'spec.json'),
    alive: path.join(directory, 'alive'),
    stdin: path.join(directory, 'stdin'),
    exec: path.join(directory, 'exec'),
  };
}
