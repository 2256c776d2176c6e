import type { CoreExport } from '../component/binary/core-interface.ts';
import type { FunctionBody } from './function-body.ts';

/** Functions may call each other in a circle, or in very long rows. */
const mostCallers = 100;

/**
 * Finds the functions that are called once in all, as far as direct calls go: `_start`, and what is
 * called at one place, outside of loops, by one of them.
 *
 * @param first index of the first of the bodies
 */
export function runOnce(
  bodies: readonly (FunctionBody | undefined)[],
  first: number,
  exports: readonly CoreExport[],
): ReadonlySet<number> {
  /** Its only caller, by callee; undefined where there are several, or it is called in a loop. */
  const callers = new Map<number, number | undefined>();
  for (const [index, body] of bodies.entries()) {
    for (const token of body?.tokens ?? []) {
      if (token.kind !== 'call') continue;
      const only = !callers.has(token.callee) && token.loop === undefined;
      callers.set(token.callee, only ? first + index : undefined);
    }
  }
  const start = exports.find(({ name, kind }) => name === '_start' && kind === 'function')?.index;
  const isOnce = (index: number): boolean => {
    let caller: number | undefined = index;
    for (let left = mostCallers; left > 0 && caller !== undefined; left--) {
      if (caller === start) return !callers.has(start);
      caller = callers.get(caller);
    }
    return false;
  };
  return new Set(
    bodies
      .keys()
      .map((index) => first + index)
      .filter(isOnce),
  );
}
