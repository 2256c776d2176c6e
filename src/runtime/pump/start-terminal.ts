import { closeSync, constants, openSync } from 'node:fs';
import { openPseudoTerminal } from '../../wasi/libc/pseudo-terminal.ts';
import { makeNonBlocking } from '../../wasi/libc/wait-for-input.ts';
import type { ContainerSpec, ExecStdio } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';
import { startPump } from './start-pump.ts';
import { runTerminalPump } from './terminal-pump.ts';

const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants;

/**
 * Makes the terminal of a container, and starts the process that plays its user: who attaches
 * comes and goes, and the daemon does, too; the terminal stays.
 *
 * @returns the side that the container opens
 * @throws where there are no pseudo-terminals, or the process cannot confine itself
 */
export function startTerminal(spec: ContainerSpec, directory: string): ExecStdio {
  const terminal = openPseudoTerminal();
  if (typeof terminal === 'number') {
    throw new Error(`Cannot open a pseudo-terminal: errno ${-terminal}`);
  }
  const { controller, path } = terminal;
  must('make the terminal not wait', makeNonBlocking(controller));
  const keyboard = openKeyboard(spec, directory);
  const own = { controller, ...(keyboard !== undefined && { keyboard }) };
  startPump({
    main: 'runtime/pump/terminal-pump-main',
    directory,
    descriptors: Object.values(own),
    others: [],
    run: (ready) => runTerminalPump({ directory, ready, ...own, threads: 'single' }),
  });
  for (const fd of Object.values(own)) closeSync(fd);
  return { kind: 'terminal', path };
}

/** Where what is typed comes from: the container's FIFO, at its end only after a first writer. */
function openKeyboard({ stdin: mode }: ContainerSpec, directory: string): number | undefined {
  const { stdin } = containerFiles(directory);
  switch (mode) {
    case 'closed':
      return undefined;
    case 'open':
      return openSync(stdin, O_RDWR | O_NONBLOCK); // being a writer of it too, it never ends
    case 'once':
      return openSync(stdin, O_RDONLY | O_NONBLOCK);
    default:
      throw new Error(`Cannot open stdin '${mode satisfies never}'`);
  }
}
