import { BorrowedResource } from './borrowed-resource.ts';
import { GuestTrap } from './guest-trap.ts';
import type { Resource, ResourceClass } from './resource.ts';

/** Handles beyond this number are a leak, not a program. */
const maximumHandles = 1 << 20;

/**
 * The handles of one instance. A handle is an index into this table; a guest can forge the number
 * but only ever names what its own request was given, and every use is checked for the type.
 */
export class HandleTable {
  /** Handle 0 is never given out. */
  readonly #slots: (Resource | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** Whether no handle is in use. */
  get isEmpty(): boolean {
    return this.#slots.length - 1 === this.#free.length;
  }

  /** Gives a resource to the guest, which owns it from now on. */
  add(resource: Resource): number {
    resource.attach();
    return this.receive(resource);
  }

  /** As {@link add}, for what another component had: children of it stay where they are. */
  receive(resource: Resource): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#slots[free] = resource;
      return free;
    }
    if (this.#slots.length >= maximumHandles) {
      throw new GuestTrap(`Cannot add a handle: ${maximumHandles} are in use`);
    }
    return this.#slots.push(resource) - 1;
  }

  /** The resource the guest lends for the length of a call. */
  borrow<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const entry = this.#slots[handle >>> 0];
    if (entry instanceof type) return entry;
    if (entry instanceof BorrowedResource && entry.resource instanceof type) return entry.resource;
    throw new GuestTrap(`Cannot use handle ${handle >>> 0}: it is no ${type.name}`);
  }

  /** What the handle itself is: the resource, or a {@link BorrowedResource}. */
  entry(handle: number): Resource {
    const entry = this.#slots[handle >>> 0];
    if (entry !== undefined) return entry;
    throw new GuestTrap(`Cannot use handle ${handle >>> 0}: there is none`);
  }

  /** The resource whose ownership the guest passes on; the handle is invalid afterwards. */
  take<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.#owned(handle, type);
    if (resource.hasChildren) {
      throw new GuestTrap(`Cannot give up handle ${handle >>> 0}: children of it are in use`);
    }
    this.#remove(handle, resource);
    resource.detach();
    return resource;
  }

  /** As {@link take}, for what another component is going to {@link receive}. */
  send<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.#owned(handle, type);
    this.#remove(handle, resource);
    return resource;
  }

  drop(handle: number, type: ResourceClass<Resource>): void {
    const isOwned = this.#slots[handle >>> 0] instanceof type;
    if (isOwned || !this.giveBack(handle, type)) this.take(handle, type).drop();
  }

  /** Drops the handle if the resource is only borrowed. @returns whether it was */
  giveBack(handle: number, type: ResourceClass<Resource>): boolean {
    const entry = this.#slots[handle >>> 0];
    if (!(entry instanceof BorrowedResource && entry.resource instanceof type)) return false;
    this.#remove(handle, entry);
    entry.drop();
    return true;
  }

  /**
   * Drops all that is left, youngest first, so that children go before their parents.
   *
   * @throws what a resource throws that is dropped, once all of them were
   */
  clear(): void {
    let failure: { readonly cause: unknown } | undefined;
    for (let handle = this.#slots.length - 1; handle > 0; handle--) {
      const resource = this.#slots[handle];
      if (resource === undefined) continue;
      this.#slots[handle] = undefined; // never to be dropped twice
      try {
        resource.detach();
        resource.drop();
      } catch (cause) {
        failure ??= { cause };
      }
    }
    this.#slots.length = 1;
    this.#free.length = 0;
    if (failure !== undefined) throw failure.cause;
  }

  #owned<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.#slots[handle >>> 0];
    if (resource instanceof type) return resource;
    throw new GuestTrap(`Cannot give up handle ${handle >>> 0}: it is no ${type.name} of its own`);
  }

  #remove(handle: number, entry: Resource): void {
    if (entry.isLent) throw new GuestTrap(`Cannot give up handle ${handle >>> 0}: it is lent`);
    this.#slots[handle >>> 0] = undefined;
    this.#free.push(handle >>> 0);
  }
}
