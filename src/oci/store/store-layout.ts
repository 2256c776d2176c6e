import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, digestParts } from '../content/digest.ts';

/** Where things are in the store's directory. */
export class StoreLayout {
  readonly root: string;

  /** @param root Absolute path, such as `DATA_DIR/images`. */
  constructor(root: string) {
    this.root = root;
  }

  get index(): string {
    return path.join(this.root, 'index.json');
  }

  /** The key that hashes of credentials are made with. */
  get accessKey(): string {
    return path.join(this.root, 'access.key');
  }

  get blobs(): string {
    return path.join(this.root, 'blobs');
  }

  get temporary(): string {
    return path.join(this.root, 'tmp');
  }

  blob(digest: Digest): string {
    const { algorithm, hex } = digestParts(digest);
    return path.join(this.blobs, algorithm, hex);
  }

  /** What a download has so far; the next one of the same owner goes on with it. */
  partial(digest: Digest, owner: string): string {
    const suffix = owner === '' ? '' : `-${owner.slice(0, 16)}`;
    return path.join(this.temporary, `${digestParts(digest).hex}${suffix}.partial`);
  }

  /** Notes of who has brought which blobs. */
  get brought(): string {
    return path.join(this.root, 'brought');
  }

  broughtBy(digest: Digest, owner: string): string {
    return path.join(this.brought, `${digestParts(digest).hex}-${owner.slice(0, 32)}`);
  }

  /** A name that nobody else uses; the process's id tells whether its maker still lives. */
  temporaryFile(): string {
    return path.join(this.temporary, `${process.pid}-${crypto.randomUUID()}.tmp`);
  }

  lock(name: string): string {
    return path.join(this.root, 'locks', name);
  }

  /**
   * Creates the directories. Containers run as other users and must get at their module by its
   * path; only its path opens it, as nobody else may list what is here.
   */
  async create(): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o711 });
    const open = ['', 'sha256', 'sha512'].map((name) => path.join(this.blobs, name));
    for (const directory of open) await mkdir(directory, { recursive: true, mode: 0o711 });
    for (const directory of [this.temporary, this.brought, this.lock('')]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
  }
}
