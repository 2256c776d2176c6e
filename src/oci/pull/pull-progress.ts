import type { Digest } from '../content/digest.ts';

/** What a pull is doing. Rates are for the listener to compute. */
export type PullProgress =
  | { readonly kind: 'resolving'; readonly reference: string }
  /** The image is known: so many bytes in so many blobs, some of which may be here already. */
  | {
      readonly kind: 'resolved';
      readonly digest: Digest;
      readonly blobs: number;
      readonly totalBytes: number;
    }
  /** Of a blob so many bytes are here. Comes at least once for each blob, with all of them. */
  | {
      readonly kind: 'blob';
      readonly digest: Digest;
      readonly receivedBytes: number;
      readonly totalBytes: number;
    }
  /** The module is taken out of the image's file system. */
  | { readonly kind: 'unpacking' }
  | { readonly kind: 'validating' }
  | { readonly kind: 'done'; readonly digest: Digest; readonly pulled: boolean };

export type ProgressListener = (event: PullProgress) => void;
