import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';

export function addVersion(program: Command, invocation: Invocation): void {
  program
    .command('version')
    .description('show the versions of krustlet and of what it runs on')
    .action(() => {
      const { node, v8 } = process.versions;
      invocation.print(
        `krustlet ${krustletVersion()}\nnode ${node}\nv8 ${v8}\n${process.platform} ${process.arch}\n`,
      );
    });
  program.version(`krustlet ${krustletVersion()}`, '-V, --version', 'show the version');
}
