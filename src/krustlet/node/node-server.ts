import type { KubeletMetrics } from '../../kubelet/metrics/kubelet-metrics.ts';
import type { ServingCredentials } from '../../kubelet/node/credentials/serving-credentials.ts';
import type { NodeLog } from '../../kubelet/node/node-log.ts';
import { ApiAccessReviews } from '../../kubelet/server/auth/access-reviews.ts';
import { Authenticator } from '../../kubelet/server/auth/authenticator.ts';
import { Authorizer } from '../../kubelet/server/auth/authorizer.ts';
import { attach } from '../../kubelet/server/endpoints/attach.ts';
import { containerLogs } from '../../kubelet/server/endpoints/container-logs.ts';
import { exec } from '../../kubelet/server/endpoints/exec.ts';
import { health } from '../../kubelet/server/endpoints/health.ts';
import { metrics } from '../../kubelet/server/endpoints/metrics.ts';
import { nodeLogs } from '../../kubelet/server/endpoints/node-logs.ts';
import { pods } from '../../kubelet/server/endpoints/pods.ts';
import { portForward } from '../../kubelet/server/endpoints/port-forward-routes.ts';
import { run } from '../../kubelet/server/endpoints/run.ts';
import type { KubeletHost } from '../../kubelet/server/kubelet-host.ts';
import { KubeletServer, type KubeletServerInit } from '../../kubelet/server/kubelet-server.ts';
import type { StatsCollector } from '../../kubelet/stats/stats-collector.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { systemClock } from '../../kubernetes/clock.ts';

export interface NodeServerComponents {
  readonly client: ApiClient;
  readonly host: KubeletHost;
  readonly stats: StatsCollector;
  readonly credentials: ServingCredentials;
  readonly metrics: KubeletMetrics;
  readonly log: NodeLog & { error(message: string, error: unknown): void };
}

export interface NodeServerInit extends KubeletServerInit {
  readonly nodeName: string;
  /** Directory that `/logs/` shows. */
  readonly logDirectory: string;
}

/** The kubelet's API with all of its endpoints. */
export function nodeServer(components: NodeServerComponents, init: NodeServerInit): KubeletServer {
  const { client, host, stats, credentials, log } = components;
  const { registry, probes, http } = components.metrics;
  const clock = systemClock;
  const reviews = new ApiAccessReviews({ api: client }, init);
  const server = new KubeletServer(
    {
      authenticator: new Authenticator({ reviews, clock }),
      authorizer: new Authorizer({ reviews, clock }),
      routes: [
        containerLogs({ host, clock }),
        ...exec(host),
        ...attach(host),
        ...portForward(host),
        ...run(host),
        ...health(host),
        ...pods(host),
        ...metrics({ stats, registry, probes: probes.registry }),
        nodeLogs(init.logDirectory),
      ],
      http,
      onError: (error) => log.error('A request failed', error),
    },
    init,
  );
  server.useCertificate(credentials.current);
  credentials.subscribe((certificate) => server.useCertificate(certificate));
  return server;
}
