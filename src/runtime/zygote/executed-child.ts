import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { reportDescriptor } from '../launcher/handover.ts';
import { launchContainer } from '../launcher/launch-container.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { ContainerChild } from './container-child.ts';
import { fork } from './fork.ts';
import type { Reaper } from './reaper.ts';
import { zygotePipe } from './zygote-pipe.ts';
import type { StartRequest } from './zygote-protocol.ts';

/**
 * Makes a container process in the exec form, where processes can be forked: the launcher need not be
 * executed first, as the child has all that it does. What the child executes shares nothing with it.
 *
 * @param main the script that is executed, see `container-main.ts`
 */
export function executeChild(
  reaper: Reaper,
  main: string,
  { directory, cgroups }: StartRequest,
): ContainerChild {
  const report = zygotePipe();
  const pid = fork(() => {
    must('take the report pipe', duplicateTo(report.write, reportDescriptor));
    launchContainer({ directory, cgroups, main });
  });
  closeSync(report.write);
  const socket = new Socket({ fd: report.read, writable: false });
  return { pid, form: 'exec', report: socket, end: reaper.endOf(pid) };
}
