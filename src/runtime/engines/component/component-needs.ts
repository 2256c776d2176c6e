import { isAsyncCommand, waitsOnEventLoop } from '../../../wasi/component/command.ts';
import type { LinkPlan } from '../../../wasi/component/link/link-plan.ts';
import { serviceInterface } from '../../../wasi/component/p3/http/service.ts';

/** What running a component means. */
export type ComponentNeeds =
  /** Runs to its end, and blocks its thread meanwhile. */
  | 'command'
  /** Runs to its end on the event loop, as it is of WASI 0.3 or sends HTTP requests. */
  | 'event-loop-command'
  /** Serves HTTP on the event loop until it is stopped. */
  | 'http-server';

/** What a component is, by what it exports; undefined for one that nobody could run. */
export function needsOf(plan: LinkPlan): ComponentNeeds | undefined {
  const exported = new Set(plan.exports.map((item) => item.interface));
  const serves = exported.has('wasi:http/incoming-handler') || exported.has(serviceInterface);
  if (serves) return 'http-server';
  if (isAsyncCommand(plan)) return 'event-loop-command';
  if (!exported.has('wasi:cli/run')) return undefined;
  return waitsOnEventLoop(plan) ? 'event-loop-command' : 'command';
}
