import { Gauge, type Registry } from 'prom-client';

/** Whether the node may see what it needs to, and containers are told of it. */
export function routeMetrics(
  registry: Registry,
  routes: () => { readonly services: boolean; readonly networkPolicies: boolean },
): void {
  new Gauge({
    name: 'krustlet_network_active',
    help: 'Whether containers find endpoints of Services by themselves, and NetworkPolicies are enforced.',
    labelNames: ['feature'],
    registers: [registry],
    collect() {
      const { services, networkPolicies } = routes();
      this.set({ feature: 'services' }, Number(services));
      this.set({ feature: 'network-policies' }, Number(networkPolicies));
    },
  });
}
