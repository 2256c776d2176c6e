import { closeSync, readSync } from 'node:fs';
import * as v from 'valibot';
import type { Pipe } from '../../wasi/libc/pipe.ts';
import { exitNow } from '../../wasi/libc/process.ts';
import type { PreparedSandbox } from '../sandbox/enter-sandbox.ts';
import { announceContainer } from './announce-container.ts';
import { becomeContainer } from './become-container.ts';
import type { ContainerBodies } from './container-body.ts';
import { ownEventLoop } from './own-event-loop.ts';
import { cannotRunExitCode } from './start-report.ts';

export interface ForkedProcessComponents {
  readonly bodies: ContainerBodies;
  readonly sandbox: PreparedSandbox;
  /** See `findSignalLock`; given where containers go on with the event loop. */
  readonly signalLock?: Pipe;
}

export interface ForkedProcessInit {
  /** Read end of the pipe over which the zygote says what to become. */
  readonly orders: number;
  /** Write end of the pipe that takes the start report. */
  readonly report: number;
}

const ordersSchema = v.strictObject({ directory: v.string(), cgroups: v.array(v.string()) });
export type Orders = v.InferOutput<typeof ordersSchema>;

/**
 * Goes on as a container process in a child that has just been forked: waits for its orders. Ends
 * where the zygote ends without giving any. Returns only where the guest runs on the event loop,
 * which the caller then goes on with.
 */
export function runForked(
  { bodies, sandbox, signalLock }: ForkedProcessComponents,
  { orders, report }: ForkedProcessInit,
): void {
  const line = waitForLine(orders);
  if (line === undefined) exitNow(0);
  const { directory, cgroups } = v.parse(ordersSchema, JSON.parse(line));
  closeSync(orders);
  if (signalLock) ownEventLoop(signalLock);
  const announce = () => announceContainer(directory, cgroups);
  becomeContainer({ bodies, sandbox, announce }, { directory, report });
  if (signalLock === undefined) exitNow(cannotRunExitCode);
}

function waitForLine(fd: number): string | undefined {
  const chunk = Buffer.alloc(4096);
  for (let text = ''; ; ) {
    const length = readSync(fd, chunk);
    if (length === 0) return undefined;
    text += chunk.toString('utf8', 0, length);
    if (text.endsWith('\n')) return text;
  }
}
