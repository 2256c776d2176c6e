import { closeSync, constants, openSync, readSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { executeFile } from '../../../wasi/libc/execute.ts';
import { fileAccess } from '../../../wasi/libc/landlock.ts';
import { closeOthersOnExec, duplicateForExec } from '../../../wasi/libc/process.ts';
import type { BodyEnd, ContainerBody, OpenedBody } from '../../container/container-body.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { must } from '../../sandbox/sandbox-error.ts';
import { containerFiles } from '../../state/container-directory.ts';
import { openModule } from '../open-module.ts';
import { openProgramMounts } from './program-mounts.ts';
import { openProgramStdio } from './program-stdio.ts';
import { stageFiles } from './staged-files.ts';
import { wasmtimeArguments } from './wasmtime-arguments.ts';

const magic = Buffer.from('\0asm');
const notAModule: BodyEnd = {
  kind: 'cannot-run',
  message: 'Cannot run the module: expected magic word 00 61 73 6d',
};

/**
 * Runs modules in wasmtime's command line program, which takes this process's place in the
 * sandbox. It knows no containers, so it is given descriptors of what it uses, and a second
 * process writes its output to the log.
 */
export const wasmtimeBody: ContainerBody = {
  // The program is loaded anew each time, and shares its pages by itself.
  warm() {},

  prepare: () => ({ open }),
};

function open(spec: ContainerSpec, directory: string): OpenedBody {
  refuseListeners(spec);
  stageFiles(spec, directory);
  const { path, fd: program } = openProgram(spec);
  openProgramStdio(spec, directory);
  // Opened twice: it is the container's life that counts, whatever runs in its process.
  inherit(openSync(containerFiles(directory).alive, constants.O_RDWR));
  const module = inherit(openModule(spec));
  const { folders: mounts, rules } = openProgramMounts(spec, directory, inherit);
  must('keep descriptors', closeOthersOnExec());
  const args = wasmtimeArguments(spec, { module, mounts });
  return {
    files: [
      ...rules,
      ...loaderFiles(path),
      { path: `/proc/self/fd/${module}`, access: fileAccess.readFile },
    ],
    threads: 'program',
    run: () =>
      isModule(module) ? execute(program, [`krustlet: ${spec.id}`, ...args]) : notAModule,
  };
}

/** Its sockets were those of an older implementation of WASI, which it no longer has. */
function refuseListeners({ listeners }: ContainerSpec): void {
  if (listeners.length === 0) return;
  const names = listeners.map(({ port }) => port).join(', ');
  throw new Error(
    `Cannot listen on port ${names}: engine 'wasmtime' hands no sockets to modules; use engine 'v8' for servers`,
  );
}

function openProgram({ enginePath }: ContainerSpec): {
  readonly path: string;
  readonly fd: number;
} {
  if (enginePath === undefined) {
    throw new Error("Cannot run engine 'wasmtime': it is not installed");
  }
  return { path: enginePath, fd: openSync(enginePath, constants.O_RDONLY) };
}

/** Wasmtime would take a file of another kind for WebAssembly's text format. */
function isModule(fd: number): boolean {
  const start = Buffer.alloc(magic.length);
  readSync(fd, start, 0, start.length, 0);
  return start.equals(magic);
}

function inherit(fd: number): number {
  return must('hand a descriptor on', duplicateForExec(fd));
}

const readTree = fileAccess.readFile | fileAccess.readDirectory;

/** What the kernel executes for a program that is linked dynamically. */
const loaders = [
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-musl-x86_64.so.1',
  '/lib/ld-musl-aarch64.so.1',
];
const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];

/** The program, and what is loaded for it: among libraries there are programs, too. */
function loaderFiles(program: string): { readonly path: string; readonly access: bigint }[] {
  const executables = [program, ...loaders];
  return [
    ...executables.map((path) => ({ path, access: fileAccess.readFile | fileAccess.execute })),
    ...libraries.map((path) => ({ path, access: readTree })),
    { path: '/etc/ld.so.cache', access: fileAccess.readFile },
    { path: '/dev/null', access: fileAccess.readFile | fileAccess.writeFile },
  ].filter(({ path }) => isThere(path));
}

function isThere(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY));
    return true;
  } catch {
    return false; // what this process cannot open, the program needs no rule for
  }
}

/** Its environment is empty: the guest's goes by its arguments. */
function execute(program: number, command: readonly string[]): BodyEnd {
  const reason = getSystemErrorName(executeFile(program, command, []));
  return { kind: 'cannot-run', message: `Cannot execute wasmtime: ${reason}` };
}
