import { GuestTrap } from './guest-trap.ts';
import { Resource } from './resource.ts';

/** What a call has lent: it ends when all of it was given back. */
export class Loans {
  readonly #lenders: Resource[] = [];
  #borrowed = 0;
  #isOver = false;

  /** Whether who was called has not dropped everything that it borrowed. */
  get areOpen(): boolean {
    return this.#borrowed > 0;
  }

  /** Until the loans {@link end}, the handle's owner may not give up the handle. */
  lend(lender: Resource): void {
    lender.lend();
    this.#lenders.push(lender);
  }

  opened(): void {
    this.#borrowed++;
  }

  closed(): void {
    this.#borrowed--;
  }

  /** Whether nothing of it may be used any more. */
  get areOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    for (const lender of this.#lenders) lender.takeBack();
  }
}

/** A handle to a resource that belongs to another component, for the length of a call. */
export class BorrowedResource extends Resource {
  readonly #resource: Resource;
  readonly #loans: Loans;

  constructor(resource: Resource, loans: Loans) {
    super();
    this.#resource = resource;
    this.#loans = loans;
    loans.opened();
  }

  /** @throws {GuestTrap} after the call that it was lent for: its owner may have given it up */
  get resource(): Resource {
    if (!this.#loans.areOver) return this.#resource;
    throw new GuestTrap('Cannot use a resource: it was lent for a call that is over');
  }

  override drop(): void {
    this.#loans.closed();
  }
}
