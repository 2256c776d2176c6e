import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { unknownCommand } from '../cli/unknown-command.ts';
import { addNodeSettings, type NodeOptions, nodeFlags } from '../options/node-options.ts';

/** The node itself: what `krustlet` does where no command is named. */
export function addNode(program: Command, invocation: Invocation): void {
  const command = program
    .command('node', { isDefault: true })
    .description('be a node of a Kubernetes cluster (also where no command is named)')
    .allowExcessArguments();
  addNodeSettings(command).action(async (options: NodeOptions) => {
    const [unknown] = command.args;
    // Words that are no command come here, as this is the default one.
    if (unknown !== undefined) throw unknownCommand(unknown, program);
    const [{ loadNodeConfig }, { runNodeCommand }] = await Promise.all([
      import('../node-config/load-node-config.ts'),
      import('../node/run-node-command.ts'),
    ]);
    await runNodeCommand(invocation, await loadNodeConfig(nodeFlags(options, invocation.host.env)));
  });
}
