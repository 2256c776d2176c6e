import path from 'node:path';
import { writeSecretFile } from '../../kubelet/node/credentials/secret-file.ts';
import { discoverCluster, type JoinArguments } from '../../kubelet/node/join/discover-cluster.ts';
import { JoinError } from '../../kubelet/node/join/join-token.ts';
import { formatKubeconfig } from '../../kubernetes/kubeconfig/format-kubeconfig.ts';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { NodeLogger } from './node-logger.ts';
import { runNodeCommand } from './run-node-command.ts';

/** Finds the cluster, keeps the way to ask it for a certificate, and is its node from then on. */
export async function joinCluster(
  invocation: Invocation,
  config: NodeConfig,
  joining: JoinArguments,
): Promise<void> {
  const { env } = invocation.host;
  const log = new NodeLogger(env.KRUSTLET_LOG ?? env.RUST_LOG);
  const onWait = (message: string) => log.info(message);
  const access = await discoverCluster(joining, { onWait }).catch((cause: unknown) => {
    if (cause instanceof JoinError) throw new UserError(cause.message, { cause });
    throw cause;
  });
  const bootstrapFile = path.join(config.dataDir, 'config', 'bootstrap-kubelet.conf');
  await writeSecretFile(bootstrapFile, formatKubeconfig(access));
  await runNodeCommand(invocation, { ...config, bootstrapFile });
}
