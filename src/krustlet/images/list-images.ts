import { sizeOf } from '../../oci/store/image-record.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { formatAge } from '../output/format-age.ts';
import { formatBytes } from '../output/format-bytes.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { formatListing } from '../output/output-format.ts';
import { openImageStore } from './image-store.ts';

export interface ImagesOptions extends CommonOptions {
  readonly output: OutputFormat;
}

/** Prints the images on this machine. */
export async function listImages(invocation: Invocation, options: ImagesOptions): Promise<void> {
  const store = await openImageStore(invocation.dataDir(options));
  const now = invocation.host.now();
  const images = (await store.list()).map(
    ({ name, digest, blobs, prepared, pulledAt, lastUsedAt }) => ({
      name,
      digest,
      size: sizeOf({ blobs }),
      program: prepared?.about ?? { kind: 'module' },
      pulledAt: new Date(pulledAt),
      lastUsedAt: new Date(lastUsedAt),
    }),
  );
  invocation.print(
    formatListing(options.output, {
      headings: ['NAME', 'DIGEST', 'KIND', 'SIZE', 'PULLED'],
      rows: images.map(({ name, digest, program, size, pulledAt }) => [
        name,
        digest.slice(0, 'sha256:'.length + 12),
        kindOf(program),
        formatBytes(size),
        `${formatAge(pulledAt, now)} ago`,
      ]),
      json: images,
    }),
  );
}

/** `module`, or what a component does and how its requests are kept apart: `http-server (reset)`. */
function kindOf({ kind, workload, isolation }: Readonly<Record<string, string>>): string {
  if (workload === undefined) return kind ?? 'module';
  const serves = workload === 'http-server' || workload === 'http-service';
  return serves ? `${workload} (${isolation})` : workload;
}
