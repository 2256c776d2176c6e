import { quantityMillis, quantityUnits } from '../pods/quantity.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';

/** Amounts by resource name: thousandths of a core for cpu, whole units for all else. */
export type Amounts = ReadonlyMap<string, number>;

/** Reads a resource list. */
export function amountsOf(list: Readonly<Record<string, string>> = {}): Amounts {
  return new Map(Object.entries(list).map(([name, text]) => [name, amountOf(name, text)]));
}

/**
 * What a pod takes of a node, as the scheduler counts it: its containers together with its
 * sidecars, or the init container that needs more while it runs, plus the RuntimeClass' overhead.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequests({ spec }: Pod): Amounts {
  let sidecars: Amounts = new Map();
  let initializing: Amounts = new Map();
  for (const container of spec.initContainers) {
    const own = plus(sidecars, requestsOf(container));
    if (container.restartPolicy === 'Always') sidecars = own;
    initializing = greatest(initializing, own);
  }
  const running = spec.containers.map(requestsOf).reduce(plus, sidecars);
  return plus(greatest(initializing, running), amountsOf(spec.overhead));
}

/** The sum, resource by resource. */
function plus(one: Amounts, other: Amounts): Amounts {
  return merge(one, other, (a, b) => a + b);
}

function greatest(one: Amounts, other: Amounts): Amounts {
  return merge(one, other, Math.max);
}

function merge(one: Amounts, other: Amounts, join: (a: number, b: number) => number): Amounts {
  const names = new Set([...one.keys(), ...other.keys()]);
  return new Map([...names].map((name) => [name, join(one.get(name) ?? 0, other.get(name) ?? 0)]));
}

function requestsOf({ resources }: PodContainer): Amounts {
  // As the API server defaults it: who has only a limit requests that much.
  return amountsOf({ ...resources?.limits, ...resources?.requests });
}

function amountOf(name: string, text: string): number {
  return name === 'cpu' ? quantityMillis(text) : quantityUnits(text);
}
