import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import { containerEnvironment, containerProcessFlags } from '../launcher/process-flags.ts';
import type { ContainerChild } from './container-child.ts';
import type { StartRequest } from './zygote-protocol.ts';
import { launcherMain } from './zygote-scripts.ts';

/**
 * Makes a container process that shares nothing with this one; see `launchContainer`.
 *
 * @param main the script that the launcher executes, see `container-main.ts`
 */
export async function spawnChild(
  main: string,
  { directory, cgroups }: StartRequest,
): Promise<ContainerChild> {
  const child = spawn(process.execPath, [...containerProcessFlags, launcherMain], {
    env: containerEnvironment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const end = endOf(once(child, 'exit'));
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('Cannot start a container process: no pid');
  child.stdin.on('error', () => {}); // it died: its end and its missing report tell
  child.stdin.end(JSON.stringify({ directory, cgroups, main }));
  return { pid: child.pid, form: 'exec', report: child.stdout, end };
}

async function endOf(exit: Promise<unknown[]>): Promise<ProcessEnd> {
  const [code, signal] = await exit;
  if (typeof code === 'number') return { kind: 'exited', code };
  return { kind: 'signaled', signal: signalNumber(signal) };
}

function signalNumber(name: unknown): number {
  const entry = Object.entries(constants.signals).find(([signal]) => signal === name);
  if (entry === undefined) throw new Error(`Cannot name the signal of an ended process: '${name}'`);
  return entry[1];
}
