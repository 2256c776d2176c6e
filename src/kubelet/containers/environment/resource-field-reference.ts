import { divideUp, quantityNanos } from '../../pods/quantity.ts';
import type { PodContainer } from '../../pods/schema/container.ts';
import type { ResourceFieldSelector } from '../../pods/schema/environment.ts';
import type { Pod } from '../../pods/schema/pod.ts';
import { ConfigError } from '../config-error.ts';

/**
 * Reads the limit or request that a `resourceFieldRef` names, in units of its divisor and rounded
 * up. A container without a limit is told what the node can give.
 *
 * @param own the container that refers, meant where the selector names none
 * @throws {ConfigError} where the container or resource is not known
 */
export function resourceFieldReference(
  pod: Pod,
  own: PodContainer | undefined,
  allocatable: Readonly<Record<string, string>>,
  selector: ResourceFieldSelector,
): string {
  const container = selector.containerName === undefined ? own : find(pod, selector.containerName);
  if (container === undefined) {
    throw new ConfigError(`container ${selector.containerName ?? '""'} not found`);
  }
  const value = resourceOf(container, allocatable, selector.resource);
  const divisor = quantityNanos(selector.divisor) === 0n ? '1' : selector.divisor;
  const unit = /^(limits|requests)\.cpu$/.test(selector.resource) ? 10n ** 6n : 10n ** 9n;
  return String(divideUp(wholeUnits(value, unit), wholeUnits(divisor, unit)));
}

function find(pod: Pod, name: string): PodContainer | undefined {
  return [...pod.spec.containers, ...pod.spec.initContainers].find((item) => item.name === name);
}

function resourceOf(
  { resources }: PodContainer,
  allocatable: Readonly<Record<string, string>>,
  resource: string,
): string {
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(resource);
  const [, kind, name] = match ?? [];
  if (name === undefined) throw new ConfigError(`unsupported container resource : ${resource}`);
  const limit = resources.limits[name];
  if (kind === 'limits') return limit ?? allocatable[name] ?? '0';
  return resources.requests[name] ?? limit ?? '0';
}

/** CPU is counted in thousandths, all else in whole units, each rounded up, as Kubernetes does. */
function wholeUnits(quantity: string, unit: bigint): bigint {
  return divideUp(quantityNanos(quantity), unit);
}
