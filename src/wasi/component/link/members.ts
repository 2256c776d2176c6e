import { Guest } from '../abi/guest.ts';
import { Part } from '../abi/part.ts';
import { Transit } from '../abi/transit.ts';
import type { Waits } from '../async/waits.ts';
import type { World } from '../world.ts';
import type { LinkPlan } from './link-plan.ts';

interface MembersComponents {
  readonly plan: LinkPlan;
  readonly world: World;
  readonly waits: Waits;
}

/** The components that a running program is made of, and the scopes of their functions, by number. */
export class Members {
  readonly parts: readonly Part[];
  readonly guests: readonly Guest[];
  readonly transit = new Transit();

  constructor({ plan, world, waits }: MembersComponents) {
    const { parts: length = 1, scopes } = plan;
    const isAlone = length === 1;
    const { transit } = this;
    this.parts = Array.from({ length }, (_, index) => new Part(index, { isAlone, waits, transit }));
    this.guests = scopes.map((scope) => new Guest({ part: this.part(scope.part), world }, scope));
  }

  /** @param index 0 where a plan does not say it */
  part(index = 0): Part {
    const part = this.parts[index];
    if (part === undefined) throw new RangeError(`Cannot link part ${index}`);
    return part;
  }

  guest(scope: number): Guest {
    const guest = this.guests[scope];
    if (guest === undefined) throw new RangeError(`Cannot link scope ${scope}`);
    return guest;
  }
}
