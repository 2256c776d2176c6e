import { outlineLoops } from '../hot-loops/outline-loops.ts';
import { decodeComponent } from './binary/component-decoder.ts';
import type { LinkPlan } from './link/link-plan.ts';
import { planLink } from './link/planner.ts';
import { rewriteForReset } from './rewrite/rewriter.ts';
import { UnresettableModule, type UnresettableReason } from './rewrite/unresettable-module.ts';

/**
 * A component as it is kept beside its image: how to link it, and its core modules, rewritten where
 * instances can be reset. Plain data.
 */
export interface PreparedComponent {
  readonly plan: LinkPlan;
  readonly modules: readonly PreparedModule[];
  readonly isolation: Isolation;
}

export interface PreparedModule {
  /** Its number in the plan. */
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How one request is kept from another: an instance that is reset in between, or one of its own. */
export type Isolation =
  | { readonly kind: 'reset' }
  | { readonly kind: 'fresh'; readonly reason: UnresettableReason; readonly detail: string };

/**
 * Decodes, plans and rewrites a component; done once per image, it takes about 90 ms a megabyte.
 *
 * @throws {MalformedBinary} where the bytes are no component
 * @throws {WebAssembly.CompileError} where a core module is not valid
 * @throws {UnsupportedComponent} where it has a shape that is not linked here
 */
export function prepareComponent(bytes: Uint8Array): PreparedComponent {
  const { plan, modules: found } = planLink(decodeComponent(bytes));
  const originals = found.map((module, index) => ({
    index,
    bytes: withOutlinedLoops(valid(module)),
  }));
  try {
    return { plan, modules: rewriteAll(originals), isolation: { kind: 'reset' } };
  } catch (cause) {
    if (!(cause instanceof UnresettableModule)) throw cause;
    const isolation = { kind: 'fresh', reason: cause.code, detail: cause.message } as const;
    return { plan, modules: originals, isolation };
  }
}

/** A copy. What a module refers to that it has not got could be what rewriting adds to it. */
function valid(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(module);
  if (!WebAssembly.validate(bytes)) new WebAssembly.Module(bytes); // throws what is wrong with it
  return bytes;
}

function withOutlinedLoops(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return outlineLoops(module) ?? module;
}

/** Growth is virtual, unless a second module grows the memory as well: it would not know the size. */
function rewriteAll(originals: readonly PreparedModule[]): PreparedModule[] {
  try {
    return originals.map((module) => rewrite(module, true));
  } catch (cause) {
    if (!(cause instanceof UnresettableModule) || cause.code !== 'shared-growth') throw cause;
    return originals.map((module) => rewrite(module, false));
  }
}

function rewrite({ index, bytes }: PreparedModule, virtualGrowth: boolean): PreparedModule {
  const rewritten = rewriteForReset(bytes, { virtualGrowth });
  if (!WebAssembly.validate(rewritten)) {
    throw new UnresettableModule(
      'unknown-instruction',
      `core module ${index} was rewritten wrongly`,
    );
  }
  return { index, bytes: rewritten };
}
