import type { Digest } from '../content/digest.ts';
import type { ImageRecord } from './image-record.ts';

/** What the garbage collection is asked for. */
export interface GarbageRequest {
  /** Names of the images that containers use: never removed. */
  readonly inUse: ReadonlySet<string>;
  /** How many bytes to free by removing the least recently used images. @default 0 */
  readonly bytesToFree?: number;
  /** Images younger than this stay. @default 2 minutes, as for the kubelet */
  readonly minimumAgeMs?: number;
  /** Images that were not used for longer go, whatever the need. @default none */
  readonly maximumAgeMs?: number;
}

const defaultMinimumAgeMs = 120_000;

/** Chooses which images to remove, the least recently used first. */
export function chooseGarbage(
  images: readonly ImageRecord[],
  request: GarbageRequest,
  now: number,
): readonly ImageRecord[] {
  const { inUse, bytesToFree = 0, maximumAgeMs = Number.POSITIVE_INFINITY } = request;
  const { minimumAgeMs = defaultMinimumAgeMs } = request;
  const candidates = images
    .filter(({ name, pulledAt }) => !inUse.has(name) && now - pulledAt >= minimumAgeMs)
    .sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  const references = countReferences(images);
  const chosen: ImageRecord[] = [];
  let freed = 0;
  for (const image of candidates) {
    const isTooOld = now - image.lastUsedAt > maximumAgeMs;
    if (!isTooOld && freed >= bytesToFree) continue;
    chosen.push(image);
    freed += release(image, references);
  }
  return chosen;
}

function countReferences(images: readonly ImageRecord[]): Map<Digest, number> {
  const counts = new Map<Digest, number>();
  for (const { blobs } of images) {
    for (const { digest } of blobs) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return counts;
}

/** The bytes that become free with this image: those of blobs that no other one needs. */
function release({ blobs }: ImageRecord, references: Map<Digest, number>): number {
  let freed = 0;
  for (const { digest, size } of blobs) {
    const left = (references.get(digest) ?? 0) - 1;
    references.set(digest, left);
    if (left === 0) freed += size;
  }
  return freed;
}
