import { services } from '../../../src/kubelet/cluster/core-resources.ts';
import {
  type NameServer,
  openNameServer,
  responseTo,
} from '../../../src/wasi/component/sockets/testing/name-server.ts';
import type { TestClient } from '../test-cluster.ts';
import type { ServiceEndpoints } from './service-endpoints.ts';

const notFound = 0x8183;
const typeA = 1;

/**
 * The DNS of a cluster, for one namespace: a Service's name leads to its ClusterIP, that of a
 * headless one to its ready endpoints.
 */
export async function openClusterDns(
  address: string,
  client: TestClient,
  namespace: string,
  endpoints: ServiceEndpoints,
): Promise<NameServer> {
  const found = await client.list(services, { namespace });
  const addresses = new Map(
    found.items.map(({ metadata, spec }) => [metadata.name, spec.clusterIP]),
  );
  const suffix = `.${namespace}.svc.cluster.local`;
  return await openNameServer(
    address,
    (query, name, type) => {
      const service = name.endsWith(suffix) ? name.slice(0, -suffix.length) : '';
      const address = addresses.get(service);
      if (address === undefined) return responseTo(query, [], notFound);
      if (type !== typeA) return responseTo(query, []);
      const ready = endpoints.of(service).map((endpoint) => endpoint.split(':')[0] ?? '');
      return responseTo(query, address === 'None' ? ready : [address]);
    },
    53,
  );
}
