import { type Frame, type FunctionBody, type Token, writesLocal } from './function-body.ts';

/** A loop that can become a function, and what that function needs of the one it comes from. */
export interface MovableLoop {
  readonly frame: Frame;
  /** The locals it uses. */
  readonly used: readonly number[];
  /** Those of them that it changes. */
  readonly changed: readonly number[];
  /** Where it leads other than to what follows it. */
  readonly exits: readonly Frame[];
  /** How many rounds it stays where it was, and has in the first call when it was moved. */
  readonly firstRounds: number;
}

/**
 * Each local is a parameter, and a result where it is changed, and so is each value that is carried out:
 * with more, a call costs more than it gains.
 */
const mostValues = 40;
const mostExits = 16;

/** Most loops end within so many rounds, and moving costs as much as a call with all these locals. */
const patience = 8;

/**
 * @param once whether the loop is run once in all
 * @returns undefined for a loop that takes values, or leaves with some that it may also keep
 */
export function movableLoop(
  body: FunctionBody,
  frame: Frame,
  once: boolean,
): MovableLoop | undefined {
  if (frame.parameters.length > 0) return undefined;
  const used = new Set<number>();
  const changed = new Set<number>();
  const exits = new Set<Frame>();
  for (let index = frame.first + 1; index < frame.last; index++) {
    const token = body.tokens[index];
    if (token === undefined) return undefined;
    if (token.kind === 'local') used.add(token.index);
    if (token.kind === 'local' && writesLocal(token)) changed.add(token.index);
    for (const target of exitsOf(token, frame)) {
      if (token.kind !== 'branch' && labelTypes(target).length > 0) return undefined;
      exits.add(target);
    }
  }
  if (exits.size > mostExits) return undefined;
  if (used.size + valuesCarried(frame, exits) > mostValues) return undefined;
  return {
    frame,
    used: [...used],
    changed: [...changed],
    exits: [...exits],
    firstRounds: once ? 1 : patience,
  };
}

/** The types of the values that a branch to a label takes along. */
export function labelTypes({ kind, parameters, results }: Frame): Uint8Array {
  return kind === 'loop' ? parameters : results;
}

/** How many values leave a loop, which all have places of their own. */
function valuesCarried({ results }: Frame, exits: ReadonlySet<Frame>): number {
  let count = results.length;
  for (const target of exits) count += labelTypes(target).length;
  return count;
}

function exitsOf(token: Token, loop: Frame): readonly Frame[] {
  switch (token.kind) {
    case 'branch':
    case 'branch-if':
      return isOutside(token.target, loop) ? [token.target] : [];
    case 'branch-table':
      return token.targets.filter((target) => isOutside(target, loop));
    default:
      return [];
  }
}

/** A label that was open before the loop; those opened in it have later tokens. */
function isOutside(target: Frame, loop: Frame): boolean {
  return target.kind === 'function' || target.first < loop.first;
}
