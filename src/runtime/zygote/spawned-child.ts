import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import { containerEnvironment, containerProcessFlags } from '../launcher/process-flags.ts';
import type { ContainerChild } from './container-child.ts';
import type { StartRequest } from './zygote-protocol.ts';

/**
 * Makes a container process that shares nothing with this one: a new Node process that does by
 * itself what a forked child does.
 *
 * @param main the script it runs, see `container-main.ts`
 */
export async function spawnChild(main: string, request: StartRequest): Promise<ContainerChild> {
  const child = spawn(process.execPath, [...containerProcessFlags, main], {
    env: containerEnvironment,
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
  });
  const end = endOf(once(child, 'exit'));
  await once(child, 'spawn');
  const [stdin, , , report] = child.stdio;
  if (!(stdin instanceof Writable) || !(report instanceof Readable) || child.pid === undefined) {
    throw new Error('Cannot start a container process: no pipes');
  }
  stdin.on('error', () => {}); // it died: its end and its missing report tell
  stdin.end(JSON.stringify({ directory: request.directory, cgroups: request.cgroups }));
  return { pid: child.pid, form: 'exec', report, end };
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
