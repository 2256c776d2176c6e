import type { FunctionBody } from './function-body.ts';

/** A function on the way from the one where the search began. */
interface Step {
  readonly index: number;
  readonly callees: readonly number[];
  next: number;
}

/**
 * Finds the functions that may call themselves, by way of others too, as far as direct calls go: the
 * strongly connected components of who calls whom, by Tarjan's algorithm without recursion.
 *
 * @param first index of the first of the bodies
 */
export function recursiveFunctions(
  bodies: readonly (FunctionBody | undefined)[],
  first: number,
): ReadonlySet<number> {
  const found = new Set<number>();
  /** When each was first seen, and the earliest that it leads back to. */
  const seen = new Map<number, number>();
  const earliest = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const path: Step[] = [];

  const enter = (index: number) => {
    earliest.set(index, seen.size);
    seen.set(index, seen.size);
    open.push(index);
    isOpen.add(index);
    path.push({ index, callees: calleesOf(bodies[index - first]), next: 0 });
  };
  const leadsTo = (index: number, order: number | undefined) => {
    if (order !== undefined && order < (earliest.get(index) ?? 0)) earliest.set(index, order);
  };
  const leave = ({ index, callees }: Step) => {
    const outer = path.at(-1);
    if (outer !== undefined) leadsTo(outer.index, earliest.get(index));
    if (earliest.get(index) !== seen.get(index)) return;
    const circle = open.splice(open.lastIndexOf(index));
    for (const member of circle) isOpen.delete(member);
    if (circle.length > 1 || callees.includes(index))
      for (const member of circle) found.add(member);
  };

  for (const offset of bodies.keys()) {
    if (!seen.has(first + offset)) enter(first + offset);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const callee = step.callees[step.next++];
      if (callee === undefined) {
        path.pop();
        leave(step);
      } else if (!seen.has(callee)) enter(callee);
      else if (isOpen.has(callee)) leadsTo(step.index, seen.get(callee));
    }
  }
  return found;
}

function calleesOf(body: FunctionBody | undefined): readonly number[] {
  const callees = new Set<number>();
  for (const token of body?.tokens ?? []) if (token.kind === 'call') callees.add(token.callee);
  return [...callees];
}
