import { eachOf } from '../abi/each-of.ts';
import type { Guest, Realloc } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import { whenReady } from '../async/built-in.ts';
import { Waits } from '../async/waits.ts';
import { Running } from '../compose/running.ts';
import { Cancellation } from '../io/cancellation.ts';
import { dirtyMapImport } from '../rewrite/rewriter.ts';
import type { World } from '../world.ts';
import { CoreItems } from './core-items.ts';
import { InstanceImports, type WaitingMode } from './instance-imports.ts';
import type { PlannedExport } from './link-plan.ts';
import { Members } from './members.ts';
import type { LinkedInstance, Program } from './program.ts';

/** An exported function as the canonical ABI makes it of core functions. */
export interface LiftedFunction {
  readonly core: CoreFunction;
  readonly guest: Guest;
  readonly postReturn: ((...values: unknown[]) => Promise<unknown>) | undefined;
  readonly abi:
    | { readonly kind: 'sync' | 'stackful' }
    | { readonly kind: 'callback'; readonly callback: CoreFunction };
}

/**
 * A component that is running: its core instances, and what they hold. One call at a time: V8 would
 * let a second one in while the first is suspended, on the same stack in the guest's memory.
 */
export class ComponentInstance {
  readonly #program: Program;
  readonly #members: Members;
  readonly #items: CoreItems;
  readonly #waits = new Waits();
  readonly #running = new Running({
    waits: this.#waits,
    onFailure: (cause) => this.#cancellation.cancel(cause),
  });
  #cancellation = new Cancellation();

  constructor(program: Program, world: World, mode: WaitingMode) {
    this.#program = program;
    this.#items = new CoreItems(program);
    this.#members = new Members({ plan: program.plan, world, waits: this.#waits });
    this.#renewCancellation();
    const imports = new InstanceImports(
      { items: this.#items, members: this.#members, running: this.#running },
      mode,
    );
    for (const linked of program.instances) this.#instantiate(linked, imports);
  }

  get coreInstances(): readonly WebAssembly.Instance[] {
    return this.#items.instances;
  }

  /** Whether the guest has no handles. */
  get isIdle(): boolean {
    return this.#members.parts.every(({ handles }) => handles.isEmpty);
  }

  /** Bytes of all linear memories that core instances export. */
  get memoryBytes(): number {
    const memories = this.coreInstances.flatMap(({ exports }) =>
      Object.values(exports).filter((item) => item instanceof WebAssembly.Memory),
    );
    return [...new Set(memories)].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  /** Whether the component exports an interface. */
  exports(interfaceName: string): boolean {
    return this.#program.plan.exports.some((item) => item.interface === interfaceName);
  }

  /** The core function behind an exported function of the component. */
  exported(interfaceName: string, name: string): CoreFunction {
    return this.#items.function(this.#planned(interfaceName, name).core);
  }

  /** What an exported function's parameters are passed with. */
  guestOf(interfaceName: string, name: string): Guest {
    return this.#members.guest(this.#planned(interfaceName, name).scope);
  }

  /** An exported function together with all that calling it takes. */
  lifted(interfaceName: string, name: string): LiftedFunction {
    const { abi, core, postReturn, scope } = this.#planned(interfaceName, name);
    return {
      core: this.#items.function(core),
      guest: this.#members.guest(scope),
      postReturn: postReturn && WebAssembly.promising(this.#items.function(postReturn)),
      abi:
        abi.kind === 'callback'
          ? { kind: abi.kind, callback: this.#items.function(abi.callback) }
          : { kind: abi.kind },
    };
  }

  /** Makes the guest's pending or next wait throw `reason`, or what has it as its cause. */
  cancel(reason: unknown): void {
    this.#cancellation.cancel(uncatchable(reason));
  }

  /** Whether the call did not come to its end, whatever the guest says. */
  get isCancelled(): boolean {
    return this.#cancellation.isCancelled || this.#running.hasFailed || !this.#running.isQuiet;
  }

  /** Whether no component inside does anything for another any more. */
  get isQuiet(): boolean {
    return this.#running.isQuiet;
  }

  /** Waits until the components inside have done what they began. */
  async settle(): Promise<void> {
    const [guest] = this.#members.guests;
    if (guest === undefined) return;
    await whenReady(
      guest,
      [this.#running.quiet],
      () => false,
      () => undefined,
    );
  }

  /**
   * Takes from the guest all that it has, once it is done.
   *
   * @throws what a resource throws that is dropped, once all of them were
   */
  dropHandles(): void {
    eachOf(this.#members.parts, ({ handles }) => handles.clear());
  }

  /**
   * Drops every handle, ends what the host still does for the call, and forgets that it was
   * cancelled.
   *
   * @throws what a resource throws that is dropped, once all of them were
   */
  endCall(): void {
    const isWaitedFor = !this.isQuiet || this.#cancellation.isAwaited;
    if (isWaitedFor) this.cancel(new GuestTrap('The call has ended'));
    const { parts, transit } = this.#members;
    try {
      eachOf([...parts, transit], (each) => each.reset());
    } finally {
      this.#waits.reset();
      this.#renewCancellation();
    }
  }

  #planned(interfaceName: string, name: string): PlannedExport {
    const found = this.#program.plan.exports.find(
      (item) => item.interface === interfaceName && item.function === name,
    );
    if (found !== undefined) return found;
    throw new RangeError(`Cannot call '${interfaceName}#${name}': not exported`);
  }

  #renewCancellation(): void {
    this.#cancellation = new Cancellation();
    for (const guest of this.#members.guests) guest.cancellation = this.#cancellation;
  }

  #instantiate(linked: LinkedInstance, made: InstanceImports): void {
    const imports: WebAssembly.Imports = {};
    for (const { module, name, source } of linked.imports) {
      imports[module] ??= {};
      imports[module][name] = made.make(source);
    }
    if (linked.marksMemory !== undefined) {
      const { module, name } = linked.marksMemory;
      const dirtyMap = this.#items.dirtyMap(imports[module]?.[name] as WebAssembly.ExportValue);
      imports[dirtyMapImport.module] = { [dirtyMapImport.name]: dirtyMap };
    }
    this.#items.instances.push(new WebAssembly.Instance(linked.module, imports));
    for (const scope of linked.completes) this.#bind(scope);
  }

  #bind(index: number): void {
    const scope = this.#program.plan.scopes[index];
    const memory = scope?.memory && this.#items.memory(scope.memory);
    // Its type is cabi_realloc's: the component was valid when its image was pulled.
    const realloc = scope?.realloc && (this.#items.function(scope.realloc) as unknown as Realloc);
    this.#members.guest(index).bind(memory, realloc);
  }
}
