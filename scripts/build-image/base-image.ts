import { rmSync } from 'node:fs';
import { choosePlatform } from '../../src/oci/content/choose-platform.ts';
import type { Descriptor } from '../../src/oci/content/descriptor.ts';
import { type ImageManifest, parseManifest } from '../../src/oci/content/manifest.ts';
import type { CredentialSource } from '../../src/oci/credentials/credential.ts';
import { manifestName, type Reference } from '../../src/oci/reference/reference.ts';
import type { RegistryClient } from '../../src/oci/registry/registry-client.ts';
import type { Repository } from '../../src/oci/registry/repository.ts';
import { downloadBlob } from '../../src/oci/store/download-blob.ts';
import type { ImageLayout } from './image-layout.ts';

/** The machine that images are built for: the one that they are built on. */
export const platform = {
  os: 'linux',
  architecture: process.arch === 'x64' ? 'amd64' : process.arch,
};

/** Gets an image for this machine with all of its blobs into the layout. */
export async function fetchBaseImage(
  { client, credentials }: { client: RegistryClient; credentials: CredentialSource },
  reference: Reference,
  layout: ImageLayout,
): Promise<ImageManifest> {
  const { registry, repository: name } = reference;
  const [credential] = await credentials.find({ registry, repository: name });
  const endpoint = client.registries.originOf(registry);
  const repository = await client.repository({ endpoint, credential, registry, repository: name });
  const manifest = await imageManifest(repository, manifestName(reference));
  for (const blob of [manifest.config, ...manifest.layers]) await fetch(repository, blob, layout);
  return manifest;
}

async function imageManifest(repository: Repository, name: string): Promise<ImageManifest> {
  const what = `manifest '${name}'`;
  const { bytes, contentType } = await repository.manifest(name);
  const found = parseManifest(bytes, contentType, what);
  if (found.kind === 'manifest') return found;
  const { digest } = choosePlatform(found, { content: 'filesystem', host: platform, what });
  return await imageManifest(repository, digest);
}

async function fetch(repository: Repository, blob: Descriptor, layout: ImageLayout): Promise<void> {
  const file = layout.file(blob.digest);
  rmSync(file, { force: true });
  const source = (offset: number, options: object) => repository.blob(blob, offset, options);
  await downloadBlob(source, blob, file);
}
