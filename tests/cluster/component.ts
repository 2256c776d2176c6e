import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundCommand } from '../support/bound-command.ts';
import { type ToolName, toolPath } from './tools.ts';

/** One program of a control plane, as a process of its own with a log file. */
export class Component implements AsyncDisposable {
  readonly name: ToolName;
  readonly logFile: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor(name: ToolName, args: readonly string[], directory: string) {
    this.name = name;
    this.#args = args;
    this.logFile = path.join(directory, `${name}.log`);
  }

  /** The process, while there is one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the program; it may not be ready yet. */
  start(): void {
    const log = openSync(this.logFile, 'a');
    // Of a group of its own, so that Ctrl-C reaches it only through who started it.
    const options: SpawnOptions = { stdio: ['ignore', log, log], detached: true };
    const [program, args] = boundCommand([toolPath(this.name), ...this.#args]);
    this.#process = spawn(program, args, options);
    this.#process.on('error', () => {
      // `waitUntil` reports that there is no process.
    });
    closeSync(log);
  }

  /** Waits until the check is true; fails with the log's end where the program has ended. */
  async waitUntil(ready: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!(await ready())) {
      const hasEnded = !this.pid || this.#process?.exitCode !== null;
      if (hasEnded || performance.now() > deadline) {
        const what = hasEnded ? 'it has ended' : `not ready after ${seconds} s`;
        throw new Error(`Cannot start ${this.name}: ${what}\n${this.log}`);
      }
      await sleep(50);
    }
  }

  /** Ends the program: it gets 5 s to do so by itself. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running?.pid || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The end of what the program has said. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-20).join('\n');
  }
}
