import type { Component, Export } from '../binary/component.ts';
import { CorePlanner } from './core-planner.ts';
import type { Frame } from './frame.ts';
import { Instantiator } from './instantiator.ts';
import { interfaceName } from './interface-name.ts';
import type { FunctionItem } from './items.ts';
import type { LinkPlan, PlannedExport } from './link-plan.ts';
import { PlanBuilder } from './plan-builder.ts';

/** A plan and the core modules it speaks of, by their numbers. */
export interface PlannedComponent {
  readonly plan: LinkPlan;
  readonly modules: readonly Uint8Array[];
}

/**
 * Works out how to link the core modules of a component, and of those inside of it, with the host
 * and with each other.
 *
 * @throws {UnsupportedComponent} with the reason, for a component of another shape
 */
export function planLink(component: Component): PlannedComponent {
  const builder = new PlanBuilder();
  const planners = new Map<Frame, CorePlanner>();
  const plannerOf = (frame: Frame): CorePlanner => {
    const planner = planners.get(frame) ?? new CorePlanner(frame, { builder, plannerOf });
    planners.set(frame, planner);
    return planner;
  };
  // What a core instance imports may be defined after it: a shim stands in for it until then.
  const coreInstances: (readonly [frame: Frame, index: number])[] = [];
  const instantiator = new Instantiator({
    onCoreInstance: (frame, index) => coreInstances.push([frame, index]),
  });
  const root = instantiator.instantiateRoot(component);
  for (const [frame, index] of coreInstances) plannerOf(frame).planInstance(index);
  const exports = component.exports.flatMap((item) => planExport(root, item, plannerOf));
  return { plan: builder.build(exports), modules: builder.modules.needed };
}

/** The lifted functions behind an export; types and what is the host's are of no use to a host. */
function planExport(
  root: Frame,
  { name, sort, index }: Export,
  plannerOf: (frame: Frame) => CorePlanner,
): PlannedExport[] {
  const found = root.item(sort, index);
  const plan = (exported: string, inner: string, item: FunctionItem): PlannedExport[] => {
    if (item.kind === 'host') return [];
    const planned = plannerOf(item.frame).canonical.planFunction(item.definition);
    return [{ interface: exported, function: inner, ...planned }];
  };
  if (found?.sort === 'function') return plan('', name, found.item);
  if (found?.sort !== 'instance' || found.item.kind === 'host') return [];
  return [...found.item.exports].flatMap(([inner, item]) =>
    item.sort === 'function' ? plan(interfaceName(name), inner, item.item) : [],
  );
}
