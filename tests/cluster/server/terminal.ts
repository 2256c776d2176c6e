import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';
import type { Kubectl } from './kubectl.ts';

/** Of the terminal that kubectl is started in. */
export const terminalSize = { width: 91, height: 17 } as const;

/** Somebody who sits at a terminal and uses kubectl. */
export class TerminalSession implements AsyncDisposable {
  /** kubectl's exit code. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  #screen = '';

  constructor(kubectl: Kubectl, args: readonly string[]) {
    this.#child = inTerminal(kubectl, args);
    this.#child.stdout.setEncoding('utf8').on('data', (text) => (this.#screen += text));
    this.ended = once(this.#child, 'close').then(([code]) => code);
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits until this is on the screen. */
  async shows(text: string): Promise<void> {
    await eventually(
      () => this.#screen.includes(text),
      () => JSON.stringify(this.#screen),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.ended;
  }
}

/** Starts kubectl in a pseudo-terminal of its own, which util-linux' `script` makes. */
export function inTerminal(
  kubectl: Kubectl,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const { command, env } = kubectl.invocation(args);
  const line = command.map((word) => `'${word}'`).join(' ');
  const resized = `stty columns ${terminalSize.width} rows ${terminalSize.height} && exec ${line}`;
  return spawn('script', ['--quiet', '--return', '--command', resized, '/dev/null'], { env });
}
