import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { ImagesOptions } from '../images/list-images.ts';
import { outputOption } from '../output/output-format.ts';

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
