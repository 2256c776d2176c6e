import type { Command } from 'commander';
import type { CommonOptions } from '../cli/invocation.ts';
import { gather } from './gather.ts';

export interface RegistryOptions extends CommonOptions {
  readonly insecureRegistries?: string;
  readonly mirror?: readonly string[];
  readonly quiet?: boolean;
}

/** Options of the commands that talk to registries. */
export function addRegistryOptions(command: Command): Command {
  return command
    .option(
      '--insecure-registries <hosts>',
      'registries to speak HTTP with, or unverified TLS; a,b',
    )
    .option('--mirror <host=mirror>', 'ask this registry first', gather)
    .option('-q, --quiet', 'show no progress');
}
