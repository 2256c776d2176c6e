import { type Command, Option } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { PushOptions } from '../images/push-module.ts';
import { addRegistryOptions } from '../options/registry-options.ts';

export function addPush(program: Command, invocation: Invocation): void {
  const command = program
    .command('push')
    .description('put a module into a registry')
    .argument('<module>', 'a .wasm file')
    .argument('<reference>', 'such as ghcr.io/me/app:1')
    .addOption(
      new Option('--format <format>', "the CNCF's Wasm artifact, or the one of Krustlet 1")
        .choices(['cncf', 'krustlet'])
        .default('cncf'),
    );
  addRegistryOptions(command).action(
    async (module: string, reference: string, options: PushOptions) => {
      const { pushModule } = await import('../images/push-module.ts');
      await pushModule(invocation, module, reference, options);
    },
  );
}
