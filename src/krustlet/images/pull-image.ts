import type { PulledImage } from '../../oci/pull/pulled-image.ts';
import { Puller } from '../../oci/pull/puller.ts';
import type { PullPolicy } from '../../oci/pull-policy.ts';
import type { Invocation } from '../cli/invocation.ts';
import type { RegistryOptions } from '../options/registry-options.ts';
import { PullProgressBar } from '../output/pull-progress-bar.ts';
import { openImageStore } from './image-store.ts';
import { importsInVain } from './imports-in-vain.ts';
import { RegistryAccess } from './registry-access.ts';

/** Fetches an image and prints its name by digest. */
export async function pullImage(
  invocation: Invocation,
  reference: string,
  options: RegistryOptions,
): Promise<void> {
  const image = await bringImage(invocation, reference, 'Always', options);
  const { modulePath } = image;
  const vain = modulePath === undefined ? undefined : await importsInVain(modulePath);
  if (vain !== undefined) invocation.tell(`krustlet: '${reference}' cannot run here: ${vain}`);
  invocation.print(`${image.name}\n${image.digest}\n`);
}

/** Makes sure that an image is on this machine, and shows how that goes. */
export async function bringImage(
  invocation: Invocation,
  reference: string,
  policy: PullPolicy,
  options: RegistryOptions,
): Promise<PulledImage> {
  const store = await openImageStore(invocation.dataDir(options));
  await using access = new RegistryAccess(invocation.host.env, options);
  const puller = new Puller({ store, client: access.client }, { allowLocalModules: true });
  using progress = new PullProgressBar(invocation.host, options.quiet === true);
  return await puller.pull(reference, {
    policy,
    credentials: access.credentials,
    verifyAccess: false,
    progress: (event) => progress.show(event),
  });
}
