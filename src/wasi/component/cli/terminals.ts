import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { Resource } from '../abi/resource.ts';
import { option } from '../abi/variants.ts';

/** `wasi:cli/terminal-input.terminal-input`: its existence is all it says. */
class TerminalInput extends Resource {}

/** `wasi:cli/terminal-output.terminal-output`: its existence is all it says. */
class TerminalOutput extends Resource {}

/** https://github.com/WebAssembly/wasi-cli/blob/main/wit/terminal.wit */
export const terminals: readonly HostInterface[] = [
  {
    name: 'wasi:cli/terminal-input',
    resources: { 'terminal-input': TerminalInput },
    functions: {},
  },
  {
    name: 'wasi:cli/terminal-output',
    resources: { 'terminal-output': TerminalOutput },
    functions: {},
  },
  {
    name: 'wasi:cli/terminal-stdin',
    functions: {
      // A container's input is a pipe or nothing.
      'get-terminal-stdin': hostFunction([], option(own(() => TerminalInput)), () => undefined),
    },
  },
  {
    name: 'wasi:cli/terminal-stdout',
    functions: {
      'get-terminal-stdout': hostFunction([], option(own(() => TerminalOutput)), ({ world }) =>
        world.stdout.terminal ? new TerminalOutput() : undefined,
      ),
    },
  },
  {
    name: 'wasi:cli/terminal-stderr',
    functions: {
      'get-terminal-stderr': hostFunction([], option(own(() => TerminalOutput)), ({ world }) =>
        world.stderr.terminal ? new TerminalOutput() : undefined,
      ),
    },
  },
];
