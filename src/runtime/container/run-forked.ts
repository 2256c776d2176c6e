import type { Pipe } from '../../wasi/libc/pipe.ts';
import { closeFile, readBytes } from '../../wasi/libc/plain-file.ts';
import { exitNow, startSession } from '../../wasi/libc/process.ts';
import { enterSandbox, type PreparedSandbox } from '../sandbox/enter-sandbox.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { becomeContainer, type ContainerProcessInit } from './become-container.ts';
import { bodyOf, type PreparedBodies } from './container-body.ts';
import { ownEventLoop } from './own-event-loop.ts';
import { ownLogDirectory } from './own-log-directory.ts';
import { cannotRunExitCode } from './start-report.ts';

export interface ForkedProcessComponents {
  readonly bodies: PreparedBodies;
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

/** As much as a pipe takes at once, so that a line comes in one piece. */
const ordersSize = 4096;

/** What a zygote tells a child: a line of JSON. */
export interface Orders extends Omit<ContainerProcessInit, 'report'> {
  /** Whether the guest waits for another line, after which the child has been announced. */
  readonly held?: boolean;
}

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
  const order: Orders = JSON.parse(line);
  if (!order.held) closeFile(orders);
  if (signalLock) ownEventLoop(signalLock);
  must('start a session', startSession());
  becomeContainer(
    {
      open(spec, directory) {
        ownLogDirectory(spec);
        return bodyOf(bodies, spec).open(spec, directory);
      },
      enter: (policy) => enterSandbox(policy, sandbox),
      exit: exitNow,
      ...(order.held && { wait: () => waitForRelease(orders) }),
    },
    { ...order, report },
  );
  if (signalLock === undefined) exitNow(cannotRunExitCode);
}

/** The zygote gives no orders any more where the container is given up. */
function waitForRelease(orders: number): void {
  if (waitForLine(orders) === undefined) exitNow(cannotRunExitCode);
  closeFile(orders);
}

function waitForLine(fd: number): string | undefined {
  for (let text = ''; ; ) {
    const bytes = readBytes(fd, ordersSize);
    if (typeof bytes === 'number') throw new Error(`Cannot read orders: errno ${-bytes}`);
    if (bytes.length === 0) return undefined;
    text += Buffer.from(bytes).toString();
    if (text.endsWith('\n')) return text;
  }
}
