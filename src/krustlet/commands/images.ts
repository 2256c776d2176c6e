import type { Command } from 'commander';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { type OutputFormat, outputOption } from '../output/output-format.ts';

export interface ImagesOptions extends CommonOptions {
  readonly output: OutputFormat;
}

export function addImages(program: Command, invocation: Invocation): void {
  program
    .command('images')
    .description('list the images on this machine')
    .addOption(outputOption())
    .action(async (options: ImagesOptions) => {
      const { listImages } = await import('../images/list-images.ts');
      await listImages(invocation, options);
    });
}
