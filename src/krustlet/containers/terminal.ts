import { on } from 'node:events';
import type { TerminalSize } from '../../runtime/exec/exec-request.ts';
import { setOutputProcessing } from '../../wasi/libc/pseudo-terminal.ts';
import type { Host } from '../cli/host.ts';
import { UserError } from '../cli/user-error.ts';

/** The user's terminal, handed over to a guest: every key goes there, Ctrl-C too. */
class Terminal implements Disposable {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.stdin.setRawMode(true);
    // Node leaves that on: the guest's own terminal has made CR LF of each line already.
    setOutputProcessing(host.stdout.fd, false);
  }

  /** Its size now, and each new one. */
  async *sizes(): AsyncGenerator<TerminalSize, void, undefined> {
    const { stdout } = this.#host;
    yield { width: stdout.columns, height: stdout.rows };
    for await (const _ of on(stdout, 'resize')) {
      yield { width: stdout.columns, height: stdout.rows };
    }
  }

  [Symbol.dispose](): void {
    setOutputProcessing(this.#host.stdout.fd, true);
    this.#host.stdin.setRawMode(false);
  }
}

/**
 * Takes the user's terminal.
 *
 * @throws {UserError} where there is none
 */
export function useTerminal(host: Host): Terminal {
  if (host.stdin.isTTY && host.stdout.isTTY) return new Terminal(host);
  throw new UserError('using --tty failed: stdin and stdout are no terminal; leave it out');
}
