import path from 'node:path';
import { isKubelet } from '../network/container-network.ts';
import type { ClusterKubeletInit } from './cluster-kubelet.ts';
import { ClusterRoutes } from './cluster-routes.ts';
import { PolicyEnforcer, type PolicyEnforcerComponents } from './policy-enforcer.ts';
import { ServiceProxy, type ServiceProxyComponents } from './service-proxy.ts';

/** What a kubelet's containers are told of its cluster, as far as its settings want that. */
export function openClusterRoutes(
  components: ServiceProxyComponents & PolicyEnforcerComponents,
  init: ClusterKubeletInit,
): ClusterRoutes {
  const { serviceProxy = true, networkPolicy = true, dataDirectory, description, settings } = init;
  const { network } = settings;
  const { nodeName } = description;
  const directory = path.join(dataDirectory, 'services');
  return new ClusterRoutes({
    clock: components.clock,
    ...(serviceProxy
      ? {
          services: new ServiceProxy(components, {
            directory,
            nodeName,
            ...(network && { isKubelet: (address, port) => isKubelet(network, address, port) }),
          }),
        }
      : { abandoned: directory }),
    ...(networkPolicy && {
      policies: new PolicyEnforcer(components, { hostIPs: network?.hostIPs ?? [] }),
    }),
  });
}
