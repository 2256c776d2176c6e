import { GuestTrap } from './guest-trap.ts';
import { Resource } from './resource.ts';

/** A resource of a guest's own: a number that means something to it, of one of its types. */
export class GuestResource extends Resource {
  readonly type: number;
  readonly representation: number;
  readonly #destroy: ((representation: number) => unknown) | undefined;

  constructor(
    type: number,
    representation: number,
    destroy: ((representation: number) => unknown) | undefined,
  ) {
    super();
    this.type = type;
    this.representation = representation;
    this.#destroy = destroy;
  }

  /** @throws {GuestTrap} where it is of another type */
  expect(type: number): this {
    if (this.type === type) return this;
    throw new GuestTrap('Cannot use a resource: it is of another type');
  }

  /** Has the guest release what the resource stands for: it gave up the handle itself. */
  destroy(): void {
    this.#destroy?.(this.representation);
  }
}
