import type { ModuleRequests } from '../experimental-http/module-requests.ts';
import { GuestMemory } from '../guest-memory.ts';
import { IoVectors } from '../io-vectors.ts';
import { FileStatus, fileType } from '../system/file-status.ts';
import { noHandle, type System } from '../system/system.ts';
import type { Context } from './context.ts';
import { closeDescriptor, Descriptor } from './descriptor.ts';
import { DescriptorTable } from './descriptor-table.ts';
import { MissingImportsError, MountError, NotRunnableError, TrapError } from './errors.ts';
import { GuestExit } from './guest-exit.ts';
import { importsFor, providePreviews } from './imports.ts';
import { type MountInit, openMount } from './open-mount.ts';
import { rightsOfType } from './rights.ts';
import type { Sink } from './sink.ts';
import { workingDirectory } from './working-directory.ts';

export interface Preview1Components {
  readonly system: System;
}

export interface Preview1Init {
  /** The command line, args[0] included. @default none */
  readonly args?: readonly string[];
  /** Variables in the order the guest sees them. @default none */
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  /** Directories and single files. The guest sees them as descriptors, in this order. */
  readonly mounts?: readonly MountInit[];
  /** Directories that are open already, before the mounts; they stay open. @default none */
  readonly preopens?: readonly Descriptor[];
  /** Absolute path in the guest that its relative paths start from. @default '/' */
  readonly workingDir?: string;
  /** Descriptors of this process, or sinks. They stay open. @default 0, 1 and 2 */
  readonly stdio?: {
    readonly stdin: number;
    readonly stdout: number | Sink;
    readonly stderr: number | Sink;
  };
  /**
   * Sends requests for modules that know wasi_experimental_http, which are run by
   * {@link Preview1Host.runSuspending} then. @default every destination is refused
   */
  readonly http?: ModuleRequests;
  /** Sockets that listen. The host closes them. @default none */
  readonly listeners?: readonly ListenerInit[];
}

export interface ListenerInit {
  /** A descriptor of this process. */
  readonly fd: number;
  /** What the guest knows it by, that of a containerPort say; without a colon. */
  readonly name: string;
}

/**
 * Runs a command of WASI preview1: prepares what it may use, then runs it once.
 *
 * {@link prepare} opens every mount, and with it loads and uses all that the host needs later, so
 * that a sandbox may be closed before {@link run}, which opens nothing but what the guest asks for.
 *
 * The guest's descriptors are 0, 1 and 2; from 3 on the listeners; then the mounts; then what it
 * opens itself. The variables LISTEN_FDS and LISTEN_FDNAMES tell how many listeners there are and
 * what they are called, in their order and with colons between, as systemd has it.
 */
export class Preview1Host implements Disposable {
  readonly #init: Preview1Init;
  readonly #args: Uint8Array[] = [];
  readonly #environ: Uint8Array[] = [];
  readonly #context: Context;
  readonly #previews: ReturnType<typeof providePreviews>;
  #prepared = false;
  #mounts: readonly Descriptor[] = [];
  #preopens: readonly Descriptor[] = [];

  constructor({ system }: Preview1Components, init: Preview1Init = {}) {
    this.#init = init;
    this.#context = {
      args: this.#args,
      environ: this.#environ,
      descriptors: new DescriptorTable(),
      exit: new GuestExit(),
      http: init.http,
      memory: new GuestMemory(),
      system,
      vectors: new IoVectors(),
      status: new FileStatus(),
    };
    this.#previews = providePreviews(this.#context);
  }

  /**
   * Opens the mounts. Called by {@link run} where nobody has called it before.
   *
   * @param init what the guest gets, where that was not known before
   * @throws MountError
   */
  prepare(init: Preview1Init = this.#init): void {
    if (this.#prepared) return;
    this.#prepared = true;
    const { args = [], stdio = { stdin: 0, stdout: 1, stderr: 2 }, listeners = [] } = init;
    for (const arg of args) this.#args.push(cString(arg));
    for (const { name, value } of environment(init))
      this.#environ.push(cString(`${name}=${value}`));
    const { descriptors } = this.#context;
    for (const stream of [stdio.stdin, stdio.stdout, stdio.stderr]) {
      descriptors.add(stdioDescriptor(stream));
    }
    for (const { fd } of listeners) descriptors.add(listenerDescriptor(fd));
    for (const preopen of init.preopens ?? []) descriptors.add(lent(preopen));
    this.#openMounts(init);
  }

  #openMounts({ mounts = [], workingDir = '/' }: Preview1Init): void {
    const { descriptors, system } = this.#context;
    const opened = mounts.map((init) => ({ init, descriptor: openMount(system, init) }));
    this.#mounts = opened.map(({ descriptor }) => descriptor);
    for (const { descriptor } of opened) descriptors.add(descriptor);
    const here = workingDir === '/' ? undefined : workingDirectory(system, workingDir, opened);
    this.#preopens = here === undefined ? this.#mounts : [...this.#mounts, here];
    if (here !== undefined) descriptors.add(here);
  }

  /** All directories that the guest finds open, once they are: to be lent to other guests. */
  get preopens(): readonly Descriptor[] {
    return this.#preopens;
  }

  /** The mounts, once they are open, in their order: for whoever closes a sandbox around them. */
  get mounts(): readonly Descriptor[] {
    return this.#mounts;
  }

  /**
   * Instantiates the module, calls `_start` and returns when the guest is done.
   *
   * @returns what the guest gave `proc_exit`, 0 if it just returned
   * @throws MissingImportsError, NotRunnableError before the guest has run; TrapError; MountError
   */
  run(module: WebAssembly.Module): number {
    refuseOthers(module);
    try {
      const { _start } = this.instantiate(module).exports;
      if (typeof _start === 'function') _start();
    } catch (thrown) {
      return this.#exitCode(thrown);
    }
    return 0;
  }

  /** As {@link run}, for a guest that is suspended while it waits for responses. */
  async runSuspending(module: WebAssembly.Module): Promise<number> {
    refuseOthers(module);
    try {
      const { _start } = this.instantiate(module).exports;
      // What an instance exports as a function is one that JSPI takes.
      await WebAssembly.promising(_start as () => unknown)();
    } catch (thrown) {
      return this.#exitCode(thrown);
    }
    return 0;
  }

  /** The code that a guest left with; anything else that was thrown is thrown on. */
  #exitCode(thrown: unknown): number {
    const { code } = this.#context.exit;
    if (code !== undefined) return code;
    throw isOurs(thrown) ? thrown : new TrapError(thrown);
  }

  /**
   * Links a module with the host and lets it have its memory, but calls nothing in it: for an
   * embedder that calls a reactor's functions by itself, `_initialize` first.
   *
   * @throws MissingImportsError, NotRunnableError, MountError; what a start section throws
   */
  instantiate(module: WebAssembly.Module): WebAssembly.Instance {
    this.prepare();
    const instance = link(module, importsFor(module, this.#context, this.#previews));
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) this.#context.memory.attach(memory);
    return instance;
  }

  /** Bytes of the guest's linear memory; 0 where it has none that the host knows. */
  get memoryBytes(): number {
    const { memory } = this.#context;
    memory.covers(0, Number.POSITIVE_INFINITY); // renews what the guest may have grown
    return memory.bytes.length;
  }

  /** Closes whatever the guest has left open. */
  [Symbol.dispose](): void {
    const { descriptors, system } = this.#context;
    for (const descriptor of descriptors) closeDescriptor(system, descriptor);
  }
}

/** A start function that traps is the guest's trap, so only an error of linking is translated. */
function link(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    const message = `Cannot link the module: ${cause.message}`;
    throw new NotRunnableError('NotLinkable', message, { cause });
  }
}

/** Whether an error says that the guest could not be started, rather than what it did. */
function isOurs(thrown: unknown): boolean {
  return (
    thrown instanceof NotRunnableError ||
    thrown instanceof MissingImportsError ||
    thrown instanceof MountError
  );
}

/** Refuses a module that is no command. */
function refuseOthers(module: WebAssembly.Module): void {
  const functions = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  if (functions.includes('_start')) return;
  const what = functions.includes('_initialize')
    ? "it is a reactor, a library that exports '_initialize' to be called by others"
    : "it does not export '_start'";
  throw new NotRunnableError('NoStart', `Cannot run the module: ${what}: build it as a command`);
}

function stdioDescriptor(stream: number | Sink): Descriptor {
  return typeof stream === 'number'
    ? new Descriptor(stream, { borrowed: true, rights: rightsOfType(fileType.unknown) })
    : new Descriptor(noHandle, { sink: stream, ...sinkKind(stream) });
}

function lent({ handle, inheriting, preopen, readOnly, rights }: Descriptor): Descriptor {
  const type = fileType.directory;
  const init = { borrowed: true, inheriting, readOnly, rights, type };
  return new Descriptor(handle, preopen ? { ...init, preopen } : init);
}

function listenerDescriptor(fd: number): Descriptor {
  const rights = rightsOfType(fileType.socketStream);
  return new Descriptor(fd, { preopen: { kind: 'listener' }, rights });
}

/** Only what is a terminal looks like one: without seek and tell, and of that type. */
function sinkKind({ terminal = false }: Sink): { type: number; rights: number } {
  const type = terminal ? fileType.characterDevice : fileType.unknown;
  return { type, rights: rightsOfType(type) };
}

/** The variables, and those that tell of what the host has set up, unless they are given. */
function environment({ env = [], listeners = [], workingDir = '/' }: Preview1Init) {
  const told = [
    ...(workingDir === '/' ? [] : [{ name: 'PWD', value: workingDir }]),
    ...(listeners.length === 0 ? [] : listenVariables(listeners)),
  ];
  const given = new Set(env.map(({ name }) => name));
  return [...env, ...told.filter(({ name }) => !given.has(name))];
}

function listenVariables(listeners: readonly ListenerInit[]) {
  return [
    { name: 'LISTEN_FDS', value: String(listeners.length) },
    { name: 'LISTEN_FDNAMES', value: listeners.map(({ name }) => name).join(':') },
  ];
}

function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}
