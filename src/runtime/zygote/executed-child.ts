import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { reportDescriptor } from '../launcher/handover.ts';
import { launchContainer } from '../launcher/launch-container.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { ContainerChild } from './container-child.ts';
import type { Fork } from './fork.ts';
import type { Reaper } from './reaper.ts';
import { zygotePipe } from './zygote-pipe.ts';
import type { StartRequest } from './zygote-protocol.ts';

export interface ExecutedChildComponents {
  readonly fork: Fork;
  readonly reaper: Reaper;
}

/**
 * Makes a container process in the exec form, where processes can be forked: the launcher need not be
 * executed first, as the child has all that it does. What the child executes shares nothing with it.
 *
 * @param main the script that is executed, see `container-main.ts`
 */
export function executeChild(
  { fork, reaper }: ExecutedChildComponents,
  main: string,
  { directory, cgroups }: StartRequest,
): ContainerChild {
  const report = zygotePipe();
  const pid = fork.run(() => {
    must('take the report pipe', duplicateTo(report.write, reportDescriptor));
    launchContainer({ directory, cgroups, main });
  });
  closeSync(report.write);
  const socket = new Socket({ fd: report.read, writable: false });
  return { pid, form: 'exec', report: socket, end: reaper.endOf(pid) };
}
