import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { readExitNote } from '../container/exit-note.ts';
import { messageOf, type StartReport } from '../container/start-report.ts';
import type { StartForm } from '../container-spec.ts';
import { endOfFile } from '../process/death-watch.ts';
import { containerFiles } from '../state/container-directory.ts';
import { createExitRecord } from '../state/exit-record.ts';
import { awaitReport } from './await-report.ts';
import type { ContainerChild } from './container-child.ts';
import { exitRecordOf } from './exit-record-of.ts';
import type { StartReply, StartRequest } from './zygote-protocol.ts';

/** How long the rest of a log may take to be written, in milliseconds. */
const logPatience = 10_000;

/**
 * Makes a container process in the form that the request asks for.
 *
 * @param release of a request that is held, resolves when the guest may run, to whether it shall: a
 *   child without a hold is made only then, and only if so
 */
export type MakeChild = (
  request: StartRequest,
  release: Promise<boolean> | undefined,
) => ContainerChild | Promise<ContainerChild>;

export interface ZygoteComponents {
  readonly makeChild: MakeChild;
  /** Whether the kernel has killed a process of these cgroups for lack of memory. */
  readonly wasOutOfMemory: (cgroups: readonly string[]) => boolean;
  /** Called when a start has been answered: there is time to prepare the next. */
  readonly started: (form: StartForm) => void;
}

export interface ZygoteInit {
  /** Milliseconds in which a child must report its start. */
  readonly startTimeout: number;
}

/** The parent of container processes: makes them, reaps them and records how they ended. */
export class Zygote {
  readonly #components: ZygoteComponents;
  readonly #startTimeout: number;
  #containers = 0;
  #forks = 0;

  constructor(components: ZygoteComponents, init: ZygoteInit) {
    this.#components = components;
    this.#startTimeout = init.startTimeout;
  }

  /** How many containers have not ended. */
  get containers(): number {
    return this.#containers;
  }

  /** How many processes were forked so far. */
  get forks(): number {
    return this.#forks;
  }

  /**
   * Starts a container and answers when it has reported. Its end is recorded in its directory,
   * whether anybody waits for it or not.
   *
   * @param release of a request that is held, resolves when the guest may run, to whether it shall
   */
  async start(request: StartRequest, release?: Promise<boolean>): Promise<StartReply> {
    const child = await this.#components.makeChild(request, release);
    const reported = awaitReport(child, { signal: AbortSignal.timeout(this.#startTimeout) });
    const report = released(reported, child, release);
    this.#accompany(child, request, report).catch(reportLoss);
    await reported;
    setImmediate(() => this.#components.started(child.form));
    const answer = await report;
    return answer.kind === 'started' ? { ...answer, form: child.form } : answer;
  }

  /** Records the end of a child. */
  async #accompany(
    child: ContainerChild,
    { directory, cgroups }: StartRequest,
    report: Promise<StartReport>,
  ): Promise<void> {
    this.#containers++;
    if (child.form === 'fork') this.#forks++;
    const started = report.then((start) => ({ start, startedAt: new Date() }));
    const [end, { start, startedAt }] = await Promise.all([child.end, started]);
    await untilNobodyIsLeft(directory);
    this.#containers--;
    createExitRecord(
      directory,
      exitRecordOf({
        end,
        note: readExitNote(directory),
        outOfMemory: end.kind === 'signaled' && this.#components.wasOutOfMemory(cgroups),
        startFailure: start.kind === 'failed' ? start.message : undefined,
        startedAt,
        finishedAt: new Date(),
      }),
    );
  }
}

/** What became of the start in the end: of a child that is held, that it could be released. */
async function released(
  reported: Promise<StartReport>,
  { hold, end }: ContainerChild,
  release: Promise<boolean> | undefined,
): Promise<StartReport> {
  const report = await reported;
  if (hold === undefined) return report;
  if (report.kind === 'failed' || !(await release)) {
    hold.giveUp();
    await end;
    return report.kind === 'failed' ? report : failure(notWanted);
  }
  try {
    hold.release();
    return report;
  } catch (error) {
    return failure(messageOf(error));
  }
}

function failure(message: string): StartReport {
  return { kind: 'failed', code: 'PreparationFailed', message };
}

/** Says of a start that it was given up before its guest ran. */
export const notWanted = 'Cannot start the container: it was given up';

/** Whoever writes the log of a program lives a little longer than that. */
async function untilNobodyIsLeft(directory: string): Promise<void> {
  const patience = AbortSignal.timeout(logPatience);
  try {
    await endOfFile(containerFiles(directory).alive, patience);
  } catch (error) {
    if (!patience.aborted) throw error;
  }
}

/** A full disk, or a directory that was removed: no reason to leave the other containers alone. */
function reportLoss(error: unknown): void {
  writeSync(2, `Cannot record the end of a container: ${inspect(error)}\n`);
}
