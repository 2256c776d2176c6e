import type { PullPolicy } from '../../oci/pull-policy.ts';
import type { Invocation } from '../cli/invocation.ts';
import { bringImage } from '../images/pull-image.ts';
import { type Program, programOf } from './program.ts';
import type { RunOptions } from './run-options.ts';

const policies: Readonly<Record<RunOptions['pull'], PullPolicy>> = {
  always: 'Always',
  missing: 'IfNotPresent',
  never: 'Never',
};

/** Takes a program from an image, which is pulled as the options say. */
export async function programOfImage(
  invocation: Invocation,
  reference: string,
  options: RunOptions,
): Promise<Program> {
  const image = await bringImage(invocation, reference, policies[options.pull], options);
  const [repository = reference] = reference.replace(/@.*$/, '').split('/').slice(-1);
  return programOf(reference, image, repository.replace(/:.*$/, ''));
}
