import { createHash, type Hash } from 'node:crypto';
import { OciError } from '../errors.ts';

const hexLength = { sha256: 64, sha512: 128 } as const;

/** Hash algorithms that content may be addressed by. */
export type DigestAlgorithm = keyof typeof hexLength;

/**
 * The address of some bytes, as `algorithm:hex`.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
export type Digest = `${DigestAlgorithm}:${string}`;

/** Whether the text is a digest of a known algorithm, spelled as the specification demands. */
export function isDigest(text: string): text is Digest {
  const { algorithm, hex } = splitDigest(text);
  return isAlgorithm(algorithm) && hex.length === hexLength[algorithm] && /^[a-f0-9]+$/.test(hex);
}

/** The digest in `text`, or an error that says what is wrong with it. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new OciError('InvalidReference', `parse digest '${text}': ${whyNotDigest(text)}`);
}

function whyNotDigest(text: string): string {
  const { algorithm, hex } = splitDigest(text);
  if (!text.includes(':')) return 'it must look like sha256:<64 hexadecimal digits>';
  if (!isAlgorithm(algorithm)) return `algorithm '${algorithm}' is not sha256 or sha512`;
  if (hex.length !== hexLength[algorithm]) {
    return `it has ${hex.length} digits, ${algorithm} has ${hexLength[algorithm]}`;
  }
  return 'only the digits 0-9 and a-f are allowed';
}

/** The two halves of a digest, as they name its place on disk. */
export function digestParts(digest: Digest): { algorithm: DigestAlgorithm; hex: string } {
  const { algorithm, hex } = splitDigest(digest);
  if (!isAlgorithm(algorithm)) throw new TypeError(`not a digest: '${digest}'`);
  return { algorithm, hex };
}

/** The digest of bytes that are all here. */
export function digestOf(
  bytes: Uint8Array | string,
  algorithm: DigestAlgorithm = 'sha256',
): Digest {
  return finishDigest(createHash(algorithm).update(bytes), algorithm);
}

/** A hash that computes what `digest` promises. */
export function hashFor(digest: Digest): Hash {
  return createHash(digestParts(digest).algorithm);
}

/** Ends a hash as a digest. */
export function finishDigest(hash: Hash, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${hash.digest('hex')}`;
}

/** Fails unless the bytes are what the digest promises. */
export function verifyDigest(bytes: Uint8Array, expected: Digest, what: string): void {
  const actual = digestOf(bytes, digestParts(expected).algorithm);
  if (actual !== expected) throw digestMismatch(what, expected, actual);
}

/** The error for bytes that are not what their address promises. */
export function digestMismatch(what: string, expected: Digest, actual: Digest): OciError {
  return new OciError('DigestMismatch', `verify ${what}: expected ${expected}, got ${actual}`);
}

function splitDigest(text: string): { algorithm: string; hex: string } {
  const colon = text.indexOf(':');
  return { algorithm: text.slice(0, Math.max(colon, 0)), hex: text.slice(colon + 1) };
}

function isAlgorithm(name: string): name is DigestAlgorithm {
  return Object.hasOwn(hexLength, name);
}
