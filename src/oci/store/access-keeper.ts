import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { digestOf, digestParts } from '../content/digest.ts';
import type { Credential } from '../credentials/credential.ts';
import { codeOf } from '../error-code.ts';
import { type ImageAccess, mergeAccess } from './image-record.ts';
import type { StoreLayout } from './store-layout.ts';
import { replaceFile } from './write-file.ts';

/**
 * Remembers with which credentials images could be pulled, so that nobody gets a cached private
 * image who could not pull it. Credentials are kept as hashes with a key that never leaves the
 * store, since passwords are guessable.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2535-ensure-secret-pulled-images
 */
export class AccessKeeper {
  readonly #layout: StoreLayout;
  #key: Promise<Buffer> | undefined;

  constructor({ layout }: { layout: StoreLayout }) {
    this.#layout = layout;
  }

  /** The record with this pull noted in it; `credential` is absent for an anonymous one. */
  async grant(
    access: ImageAccess,
    registry: string,
    credential: Credential | undefined,
  ): Promise<ImageAccess> {
    if (credential === undefined) return { ...access, public: true };
    const hash = await this.#hash(registry, credential);
    return mergeAccess(access, { public: false, credentials: [hash] });
  }

  /** A name for whoever asks this registry with this credential, in hexadecimal. */
  async ownerOf(registry: string, credential: Credential | undefined): Promise<string> {
    if (credential === undefined) return digestParts(digestOf(registry)).hex;
    return await this.#hash(registry, credential);
  }

  /** Whether somebody with these credentials has shown that they may have the image. */
  async allows(
    access: ImageAccess,
    registry: string,
    credentials: readonly Credential[],
  ): Promise<boolean> {
    if (access.public) return true;
    const hashes = await Promise.all(credentials.map((one) => this.#hash(registry, one)));
    return hashes.some((hash) => access.credentials.includes(hash));
  }

  async #hash(registry: string, credential: Credential): Promise<string> {
    this.#key ??= this.#loadKey();
    const text = JSON.stringify([registry, ...Object.entries(credential).sort()]);
    return createHmac('sha256', await this.#key)
      .update(text)
      .digest('hex');
  }

  async #loadKey(): Promise<Buffer> {
    const found = await this.#readKey();
    if (found !== undefined) return found;
    const temporary = this.#layout.temporaryFile();
    await replaceFile(this.#layout.accessKey, randomBytes(32), { temporary, mode: 0o600 });
    // Another process may have replaced it since: what is there now is what all will use.
    return (await this.#readKey()) ?? Buffer.alloc(0);
  }

  async #readKey(): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#layout.accessKey);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
