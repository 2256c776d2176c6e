import { type Command, Option } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { gather } from '../options/gather.ts';
import { addRegistryOptions } from '../options/registry-options.ts';
import type { RunOptions } from '../run/run-options.ts';

const examples = `
What is run is a WebAssembly module (a file), an image (such as ghcr.io/me/app:1, pulled where it
is missing), or a manifest (a .yaml file) with Pods and the ConfigMaps and Secrets they use. With a
manifest go --detach, --wasmtime, the options of registries, --data-dir and --debug.

Ctrl-C ends what runs in the foreground, SIGTERM first; a second one ends it at once.

Examples:
  krustlet run hello.wasm -- Ada Grace
  krustlet run --volume .:/work:ro --env LOG=debug --memory 64Mi tool.wasm /work/input
  krustlet run --detach --name web --publish 8080 web.wasm
  krustlet run pod.yaml`;

export function addRun(program: Command, invocation: Invocation): void {
  const command = program
    .command('run')
    .description('run a module, an image or the pods of a manifest')
    .argument('<what>', 'file.wasm, image reference or manifest.yaml')
    .argument('[args...]', "the module's arguments")
    .passThroughOptions()
    .addHelpText('after', examples);
  addGuestOptions(command);
  addMachineOptions(command);
  addRegistryOptions(command);
  command.action(async (what: string, args: string[], options: Omit<RunOptions, 'typed'>) => {
    const { run } = await import('../run/run.ts');
    const all = { ...options, typed: typedOptions(command) };
    invocation.exitCode = await run(invocation, what, withoutSeparator(args), all);
  });
}

/** What the guest sees. */
function addGuestOptions(command: Command): void {
  command
    .option('-e, --env <NAME=value>', 'set a variable; NAME alone takes it over from here', gather)
    .option('--env-file <file>', 'set variables from a file of such lines', gather)
    .option('-v, --volume <HOST:GUEST[:ro]>', 'mount a folder or file', gather)
    .option('-p, --publish <[ADDRESS:]PORT>', 'listen there and hand the socket over', gather)
    .option(
      '--allow-domain <domain>',
      'let a component connect there, by HTTP and by sockets',
      gather,
    )
    .option('-w, --workdir <path>', 'where relative paths start from')
    .option('-u, --user <UID[:GID]>', 'run as this user')
    .option('--entrypoint <name>', "args[0], instead of the image's or the file's name")
    .option('-i, --interactive', 'pass on stdin')
    .option('-t, --tty', 'give it a terminal');
}

/** How the container is kept. */
function addMachineOptions(command: Command): void {
  command
    .option('-d, --detach', 'print the id and leave it running')
    .option('--name <name>', 'a name for other commands; made up where none is given')
    .option('--rm', 'remove the container when it has ended')
    .option('-m, --memory <amount>', 'limit of its memory, such as 64Mi')
    .option('--cpus <number>', 'limit of its processor time, such as 0.5')
    .option('--pids-limit <number>', 'limit of its threads')
    .option('--stop-timeout <seconds>', 'time to end in after Ctrl-C', '10')
    .addOption(choice('--engine <name>', 'what executes it', ['v8', 'wasmtime']))
    .option('--wasmtime <path>', "wasmtime's program (KRUSTLET_WASMTIME, or what the PATH has)")
    .addOption(
      choice('--container-start <form>', 'fork a warm process, or start a fresh one', [
        'fork',
        'exec',
      ]),
    )
    .addOption(
      choice('--sandbox <mode>', 'what happens where a part of the sandbox is missing', [
        'required',
        'best-effort',
      ]),
    )
    .addOption(choice('--pull <policy>', 'when to pull an image', ['missing', 'always', 'never']));
}

/** An option with a few values, the first of which is the default. */
function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

function typedOptions(command: Command): string[] {
  return command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, flags }) => long ?? flags);
}

function withoutSeparator(args: readonly string[]): readonly string[] {
  return args[0] === '--' ? args.slice(1) : args;
}
