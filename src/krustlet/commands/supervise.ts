import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { addRegistryOptions } from '../options/registry-options.ts';
import type { SuperviseOptions } from '../pods/supervise.ts';

/** What `run --detach` starts for a manifest; not for people. */
export function addSupervise(program: Command, invocation: Invocation): void {
  const command = program.command('supervise', { hidden: true }).argument('<manifest>');
  addRegistryOptions(command)
    .option('--wasmtime <path>')
    .action(async (manifest: string, options: SuperviseOptions) => {
      const { supervise } = await import('../pods/supervise.ts');
      invocation.exitCode = await supervise(invocation, manifest, options);
    });
}
