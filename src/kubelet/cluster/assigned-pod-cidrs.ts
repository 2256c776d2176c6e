import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import type { NodeNetwork } from '../network/node-network.ts';
import type { NodeAgent } from '../node/node-agent.ts';
import type { NodeLog } from '../node/node-log.ts';

/** How long the cluster has to give the node its podCIDR, in milliseconds. */
const patience = 10_000;

/** The node's pod ranges, once the cluster has given it some; none where it gives none. */
export async function assignedPodCIDRs({
  agent,
  clock,
}: {
  readonly agent: NodeAgent;
  readonly clock: Clock;
}): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const look = (node: Node): void => {
    const podCIDRs = podCIDRsOf(node);
    if (podCIDRs.length > 0) resolve(podCIDRs);
  };
  using _subscription = agent.subscribe(look);
  const registered = await agent.registered;
  look(agent.node ?? registered);
  const found = new AbortController();
  const timeout = clock.sleep(patience, found).catch(() => undefined);
  try {
    return await Promise.race([promise, timeout.then(() => [])]);
  } finally {
    found.abort();
  }
}

/** Has pods get their addresses out of what the cluster gives the node later on, until disposed. */
export function followPodCIDRs({
  agent,
  network,
  log,
}: {
  readonly agent: NodeAgent;
  readonly network: NodeNetwork;
  readonly log: NodeLog;
}): Disposable {
  return agent.subscribe((node) => {
    const podCIDRs = podCIDRsOf(node);
    if (podCIDRs.length === 0) return;
    network
      .assign(podCIDRs)
      .catch((error) => log.warn(`Cannot change routes: ${messageOf(error)}`));
  });
}

function podCIDRsOf({ spec }: Node): readonly string[] {
  const { podCIDR, podCIDRs = podCIDR === undefined ? [] : [podCIDR] } = spec ?? {};
  return podCIDRs;
}
