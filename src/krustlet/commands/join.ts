import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { gather } from '../options/gather.ts';
import { addNodeSettings, type NodeOptions, nodeFlags } from '../options/node-options.ts';

interface JoinOptions {
  readonly token: string;
  readonly discoveryTokenCaCertHash?: readonly string[];
  readonly discoveryTokenUnsafeSkipCaVerification?: boolean;
}

export function addJoin(program: Command, invocation: Invocation): void {
  const command = program
    .command('join')
    .description('join a cluster as kubeadm join does, then be its node')
    .argument('<api-server>', 'such as https://10.0.0.1:6443')
    .requiredOption('--token <token>', 'such as abcdef.0123456789abcdef')
    .option('--discovery-token-ca-cert-hash <hash>', 'sha256:… of the authority', gather)
    .option(
      '--discovery-token-unsafe-skip-ca-verification',
      'trust whatever authority knows the token',
    );
  addNodeSettings(command).action(async (server: string, options: JoinOptions & NodeOptions) => {
    const [{ loadNodeConfig }, { joinCluster }] = await Promise.all([
      import('../node-config/load-node-config.ts'),
      import('../node/join-cluster.ts'),
    ]);
    const config = await loadNodeConfig(nodeFlags(options, invocation.host.env));
    await joinCluster(invocation, config, {
      server,
      token: options.token,
      caCertHashes: options.discoveryTokenCaCertHash ?? [],
      unsafeSkipCaVerification: options.discoveryTokenUnsafeSkipCaVerification ?? false,
    });
  });
}
