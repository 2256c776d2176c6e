import type { Digest } from '../content/digest.ts';

/** The registry that a reference without one means. */
export const defaultRegistry = 'docker.io';

/** The tag that a reference without tag and digest means. */
export const defaultTag = 'latest';

/** An image's name, complete: what a person left out is filled in as Docker does it. */
export interface Reference {
  /** Host with optional port, such as `docker.io`, `[::1]:5000` or `registry.example:5000`. */
  readonly registry: string;
  /** Path within the registry, such as `library/hello`. */
  readonly repository: string;
  /** Absent only where there is a digest. */
  readonly tag?: string;
  /** Wins over the tag where both are given. */
  readonly digest?: Digest;
}

/** The reference in full: `registry/repository[:tag][@digest]`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  const tagPart = tag === undefined ? '' : `:${tag}`;
  const digestPart = digest === undefined ? '' : `@${digest}`;
  return `${registry}/${repository}${tagPart}${digestPart}`;
}

/** What the registry is asked for: the digest if there is one, else the tag. */
export function manifestName({ tag = defaultTag, digest }: Reference): string {
  return digest ?? tag;
}
