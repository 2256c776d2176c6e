import type { Clock } from '../../kubernetes/clock.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import type { NodeAgent } from '../node/node-agent.ts';

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
  const look = ({ spec }: Node): void => {
    const { podCIDR, podCIDRs = podCIDR === undefined ? [] : [podCIDR] } = spec ?? {};
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
