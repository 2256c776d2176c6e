import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { readExitNote } from '../container/exit-note.ts';
import type { StartReport } from '../container/start-report.ts';
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

export interface ZygoteComponents {
  /** Makes a container process in the form that the request asks for. */
  readonly makeChild: (request: StartRequest) => ContainerChild | Promise<ContainerChild>;
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
   */
  async start(request: StartRequest): Promise<StartReply> {
    const startedAt = new Date();
    const child = await this.#components.makeChild(request);
    const report = awaitReport(child, { signal: AbortSignal.timeout(this.#startTimeout) });
    this.#accompany(child, request, report, startedAt).catch(reportLoss);
    const answer = await report;
    setImmediate(() => this.#components.started(child.form));
    return answer.kind === 'started' ? { ...answer, form: child.form } : answer;
  }

  /** Records the end of a child. */
  async #accompany(
    child: ContainerChild,
    { directory, cgroups }: StartRequest,
    report: Promise<StartReport>,
    startedAt: Date,
  ): Promise<void> {
    this.#containers++;
    if (child.form === 'fork') this.#forks++;
    const [end, start] = await Promise.all([child.end, report]);
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
