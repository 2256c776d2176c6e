import { closeSync } from 'node:fs';
import { fileAccess } from '../../wasi/libc/landlock.ts';
import { exitNow, processId, startSession } from '../../wasi/libc/process.ts';
import { setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { nativeMounts } from '../../wasi/native/native-mounts.ts';
import { openMount } from '../../wasi/preview1/open-mount.ts';
import { announceContainer, readContainerSpec } from '../container/announce-container.ts';
import { logRules, mountRule } from '../container/container-policy.ts';
import { closeAllOnExec } from '../container/descriptors.ts';
import { openExitNote } from '../container/exit-note.ts';
import { ownLogDirectory } from '../container/own-log-directory.ts';
import { cannotRunExitCode, reportFailure } from '../container/start-report.ts';
import type { ContainerSpec, ExecStdio } from '../container-spec.ts';
import { certificateFiles, egressFiles, egressPorts } from '../engines/component/http-access.ts';
import { withSocketPorts } from '../engines/component/network-ports.ts';
import { routeFiles } from '../engines/pod-routes.ts';
import { stageFiles } from '../engines/wasmtime/staged-files.ts';
import { openLogTail } from '../log/log-tail.ts';
import { enterLandlockDomain, landlockSupport } from '../sandbox/landlock-domain.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { FileRule, SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import { containerFiles } from '../state/container-directory.ts';
import { reportDescriptor, sendHandover } from './handover.ts';
import { limitPrivilegesForOpening } from './opening-privileges.ts';
import { containerEnvironment, executedProcessFlags } from './process-flags.ts';
import { programFiles } from './program-files.ts';

export interface LaunchRequest {
  /** The container's directory. */
  readonly directory: string;
  readonly cgroups: readonly string[];
  /** The script to execute, see `container-main.ts`. */
  readonly main: string;
}

/**
 * Makes a container process that shares nothing with a zygote: announces the calling process,
 * confines it as far as a program that is yet to be loaded allows, and executes that program.
 *
 * Landlock and capabilities belong to threads, and Node has started several before any script of
 * its own runs. Executed from a confined thread, all of the next program's threads are confined;
 * that program then closes the rest of the sandbox around its main thread, and seccomp around all.
 */
export function launchContainer({ directory, cgroups, main }: LaunchRequest): never {
  try {
    const identity = announceContainer({ directory, cgroups, pid: processId() });
    must('start a session', startSession());
    const spec = readContainerSpec(directory);
    ownLogDirectory(spec);
    if (spec.engine === 'wasmtime') stageFiles(spec, directory);
    makeOwnFiles(spec, directory);
    must('set no_new_privs', setNoNewPrivileges());
    limitPrivilegesForOpening(spec.user);
    const files = outerFiles(spec, directory);
    enterLandlockDomain({ files, tcp: ports(spec) }, landlockSupport());
    sendHandover({ directory, identity });
    execute(main);
  } catch (error) {
    reportFailure(reportDescriptor, error);
    exitNow(cannotRunExitCode);
  }
}

function execute(main: string): never {
  if (process.execve === undefined) throw new Error('Cannot execute: this platform has no execve');
  const command = [process.execPath, ...executedProcessFlags, main];
  closeAllOnExec();
  return process.execve(process.execPath, command, containerEnvironment);
}

/** The container's own files, and what it takes to get as far as confining itself to them. */
function outerFiles(spec: ContainerSpec, directory: string): FileRule[] {
  const mounts = nativeMounts();
  return [
    ...spec.mounts.map((mount) => mountRule(openMount({ mounts }, mount))),
    ...logRules(spec),
    ...programFiles(),
    ...ownFiles(spec, directory),
    { path: spec.modulePath, access: fileAccess.readFile },
    ...stdioFiles(spec),
    ...engineFiles(spec),
    ...componentFiles(spec),
    ...routeFiles(spec.network),
  ];
}

/** What the program writes to, which cannot make it. */
function makeOwnFiles({ exec }: ContainerSpec, directory: string): void {
  closeSync(openExitNote(directory));
  if (exec === undefined) closeSync(openLogTail(containerFiles(directory).logTail));
}

/**
 * Of the container's directory, file by file: the spec and what else the runtime relies on when it
 * takes the container over are not the program's to change.
 */
function ownFiles({ exec, stdin }: ContainerSpec, directory: string): FileRule[] {
  const files = containerFiles(directory);
  const written = [files.alive, files.exitNote];
  if (exec === undefined) written.push(files.logTail);
  if (exec === undefined && stdin !== 'closed') written.push(files.stdin);
  return [
    { path: files.spec, access: fileAccess.readFile },
    ...written.map((path) => ({ path, access: readWrite })),
  ];
}

/** Of the program that is executed: it is left with fewer when it has opened its sockets. */
function ports({ http, listeners, network }: ContainerSpec): NonNullable<SandboxPolicy['tcp']> {
  const listening = listeners.map(({ port }) => port);
  const own = http
    ? { bind: [...listening, http.listen.port], connect: egressPorts(http.egress) }
    : { bind: listening, connect: [] };
  return withSocketPorts(own, network);
}

function componentFiles({ http, preparedPath }: ContainerSpec): FileRule[] {
  const prepared = preparedPath && { path: preparedPath, access: fileAccess.readFile };
  const { egress } = http ?? { egress: [] };
  return [...(prepared ? [prepared] : []), ...egressFiles(egress), ...certificateFiles(egress)];
}

function engineFiles({ enginePath }: ContainerSpec): FileRule[] {
  if (enginePath === undefined) return [];
  return [{ path: enginePath, access: fileAccess.readFile | fileAccess.execute }];
}

const readWrite = fileAccess.readFile | fileAccess.writeFile;
const useTerminal = readWrite | fileAccess.ioctlDevice;

/** The terminal that is about to be made, or the caller's terminal or pipes. */
function stdioFiles({ exec, tty }: ContainerSpec): FileRule[] {
  if (exec !== undefined) return callersFiles(exec.stdio);
  return tty ? ['/dev/ptmx', '/dev/pts'].map((path) => ({ path, access: useTerminal })) : [];
}

/** They need not lie in the container's directory. */
function callersFiles(stdio: ExecStdio): FileRule[] {
  if (stdio.kind === 'terminal') return [{ path: stdio.path, access: useTerminal }];
  const pipes = [stdio.stdin, stdio.stdout, stdio.stderr].filter((path) => path !== undefined);
  return pipes.map((path) => ({ path, access: readWrite }));
}
