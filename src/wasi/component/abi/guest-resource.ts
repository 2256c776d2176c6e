import { GuestTrap } from './guest-trap.ts';
import { Resource } from './resource.ts';

/** A resource of a guest's own: a number that means something to it, of one of its types. */
export class GuestResource extends Resource {
  readonly type: number;
  readonly representation: number;

  constructor(type: number, representation: number) {
    super();
    this.type = type;
    this.representation = representation;
  }

  /** @throws {GuestTrap} where it is of another type */
  expect(type: number): this {
    if (this.type === type) return this;
    throw new GuestTrap('Cannot use a resource: it is of another type');
  }
}
