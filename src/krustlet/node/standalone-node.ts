import { PodRunner } from '../../kubelet/pods/pod-runner.ts';
import { LocalPods } from '../../kubelet/standalone/local-pods.ts';
import { ManifestObjects } from '../../kubelet/standalone/manifest-objects.ts';
import type { Host } from '../cli/host.ts';
import { Machine } from '../containers/machine.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { openWasiProvider } from '../pods/open-wasi-provider.ts';
import { PodHost } from '../pods/pod-host.ts';
import { HealthServer } from './health-server.ts';
import type { NodeLogger } from './node-logger.ts';
import { runTogether } from './run-together.ts';
import type { StaticPods } from './static-pods.ts';

export interface StandaloneNodeComponents {
  readonly host: Host;
  readonly staticPods: StaticPods;
  readonly log: NodeLogger;
}

/**
 * A node without a cluster: it runs static pods, keeps them running, and finds them again after a
 * restart. It has no kubelet API, as there is nobody to ask who may use it.
 */
export async function runStandaloneNode(
  { host: { env }, staticPods, log }: StandaloneNodeComponents,
  config: NodeConfig,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { containerStart, dataDir } = config;
  using machine = new Machine({ containerStart, dataDir });
  await using pods = await PodHost.open(
    env,
    {
      insecureRegistries: config.insecureRegistries.join(','),
      mirror: config.registryMirrors,
    },
    {
      provider: await openWasiProvider(machine, { env, keeper: 'node', wasmtime: config.wasmtime }),
      dataDir,
      objects: new ManifestObjects(),
      events: {
        record: ({ pod, reason, message }) =>
          log.info(`Pod ${pod.metadata.namespace}/${pod.metadata.name}: ${reason}: ${message}`),
      },
      keepContainers: false,
    },
  );
  const { store, synced } = staticPods;
  const runner = new PodRunner(
    { ...pods.components, store, pods: new LocalPods(store) },
    { synced },
  );
  await using health = new HealthServer(() => undefined);
  if (config.healthzPort !== 0) await health.listen(config.healthzPort);
  log.info(`Running the pods of '${config.podManifestPath}' without a cluster`);
  await runTogether([(options) => staticPods.run(options), (options) => runner.run(options)], {
    signal,
  });
}
