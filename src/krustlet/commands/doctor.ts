import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { DoctorOptions } from '../doctor/examine.ts';
import { outputOption } from '../output/output-format.ts';

export function addDoctor(program: Command, invocation: Invocation): void {
  program
    .command('doctor')
    .description('show what this machine can do, and what each missing part costs')
    .addOption(outputOption())
    .action(async (options: DoctorOptions) => {
      const { examine } = await import('../doctor/examine.ts');
      invocation.exitCode = await examine(invocation, options);
    });
}
