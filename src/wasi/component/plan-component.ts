import { decodeComponent } from './binary/component-decoder.ts';
import type { LinkPlan } from './link/link-plan.ts';
import { planLink } from './link/planner.ts';

/**
 * Works out how a component is linked, without touching its core modules.
 *
 * @throws {MalformedBinary} where the bytes are no component
 * @throws {UnsupportedComponent} where it has a shape that is not linked here
 */
export function planComponent(bytes: Uint8Array): LinkPlan {
  return planLink(decodeComponent(bytes)).plan;
}
