import { sendsRequests } from '../../../wasi/component/command.ts';
import type { LinkPlan } from '../../../wasi/component/link/link-plan.ts';

/** What running a component means. */
export type ComponentNeeds =
  /** Runs to its end, and blocks its thread meanwhile. */
  | 'command'
  /** Runs to its end on the event loop, as it sends HTTP requests. */
  | 'sending-command'
  /** Serves HTTP on the event loop until it is stopped. */
  | 'http-server';

/** What a component is, by what it exports; undefined for one that nobody could run. */
export function needsOf(plan: LinkPlan): ComponentNeeds | undefined {
  const exported = new Set(plan.exports.map((item) => item.interface));
  if (exported.has('wasi:http/incoming-handler')) return 'http-server';
  if (!exported.has('wasi:cli/run')) return undefined;
  return sendsRequests(plan) ? 'sending-command' : 'command';
}
