import { UncatchableError } from './uncatchable-error.ts';

/** Thrown through a guest that broke a rule of the canonical ABI or of WASI: its instance is lost. */
export class GuestTrap extends UncatchableError {
  override readonly name = 'GuestTrap';
  readonly code = 'GuestTrap';
}

/** Thrown through a guest that calls `exit`. */
export class GuestExit extends UncatchableError {
  override readonly name = 'GuestExit';
  readonly code: number;

  constructor(code: number) {
    super(`The guest exited with code ${code}`);
    this.code = code;
  }
}
