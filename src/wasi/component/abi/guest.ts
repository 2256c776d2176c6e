import type { Task } from '../async/task.ts';
import { Cancellation } from '../io/cancellation.ts';
import type { Readiness } from '../io/readiness.ts';
import { TransferBuffer } from '../io/transfer-buffer.ts';
import type { World } from '../world.ts';
import type { ComponentMemory } from './component-memory.ts';
import { GuestTrap } from './guest-trap.ts';
import type { HandleTable } from './handle-table.ts';
import type { HostLoans } from './host-loans.ts';
import type { Part } from './part.ts';
import type { Resource, ResourceClass } from './resource.ts';
import type { StringEncoding } from './strings.ts';
import { uncatchable } from './uncatchable.ts';

/** `cabi_realloc`: (old pointer, old size, alignment, new size) to the new pointer. */
export type Realloc = (pointer: number, size: number, align: number, length: number) => number;

/** What host functions work on; each canonical scope of an instance has one. */
export class Guest {
  readonly part: Part;
  readonly handles: HandleTable;
  readonly world: World;
  readonly encoding: StringEncoding;
  /** Replaced for every call. */
  cancellation = new Cancellation();
  /** Of the call whose parameters are read, if it may have to wait. */
  loans: HostLoans | undefined;
  #memory: ComponentMemory | undefined;
  #realloc: Realloc | undefined;
  #transfer: TransferBuffer | undefined;

  constructor(
    components: { part: Part; world: World },
    { encoding = 'utf8' }: { encoding?: StringEncoding } = {},
  ) {
    this.part = components.part;
    this.handles = components.part.handles;
    this.world = components.world;
    this.encoding = encoding;
  }

  /** Called once the core instances that own them exist: imports must be made before. */
  bind(memory: ComponentMemory | undefined, realloc: Realloc | undefined): void {
    this.#memory = memory;
    this.#realloc = realloc;
  }

  /** For reading and writing what the system has open. */
  get transfer(): TransferBuffer {
    this.#transfer ??= new TransferBuffer();
    return this.#transfer;
  }

  /** The task the guest is in, where it was called asynchronously. */
  get task(): Task | undefined {
    return this.part.task;
  }

  get memory(): ComponentMemory {
    if (this.#memory === undefined)
      throw new GuestTrap('Cannot pass a value: there is no memory yet');
    return this.#memory;
  }

  /** The resource that the guest lends for the length of a call. */
  borrow<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.handles.borrow(handle, type);
    this.loans?.add(this.handles.entry(handle));
    return resource;
  }

  /** Waits for at least one, by the world's way of waiting; does not, if one is ready already. */
  wait(readinesses: readonly Readiness[]): undefined | Promise<undefined> {
    return this.world.waiter.wait(readinesses, this.cancellation);
  }

  /** Room for `size` bytes that the guest owns. */
  allocate(align: number, size: number): number {
    if (this.#realloc === undefined)
      throw new GuestTrap('Cannot pass a list: there is no allocator');
    // What it keeps for itself meanwhile is no task's.
    const { task } = this.part;
    this.part.task = undefined;
    const pointer = call(this.#realloc, align, size);
    this.part.task = task;
    if (pointer % align !== 0) throw new GuestTrap(`Cannot pass a list: ${pointer} is misaligned`);
    return pointer;
  }
}

/** An exception of its own must not leave an allocator: whoever asked for room could catch it. */
function call(realloc: Realloc, align: number, size: number): number {
  try {
    return realloc(0, 0, align, size) >>> 0;
  } catch (thrown) {
    throw uncatchable(thrown);
  }
}
