import type { Digest } from '../content/digest.ts';
import type { ImageConfig } from '../content/image-config.ts';
import type { ImageRecord } from '../store/image-record.ts';

/** An image that is on this machine. */
export interface PulledImage {
  /** The reference in full, or the `file:` URL of a local module: its name in the store. */
  readonly name: string;
  /** Of the manifest or index that the name leads to, or of the file where there is no manifest. */
  readonly digest: Digest;
  /** Absolute path of the module, read-only; `undefined` where only the file system was wanted. */
  readonly modulePath: string | undefined;
  /** Absolute path of what was made of the module when it was pulled, where something is. */
  readonly preparedPath: string | undefined;
  readonly moduleDigest: Digest | undefined;
  readonly config: ImageConfig;
  /** Bytes that the image takes in the store. */
  readonly size: number;
  /** Whether anything was asked of a registry and was new. */
  readonly pulled: boolean;
  readonly record: ImageRecord;
}
