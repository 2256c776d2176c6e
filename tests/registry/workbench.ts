import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Puller, type PullerInit } from '../../src/oci/pull/puller.ts';
import { RegistryClient, type RegistryClientInit } from '../../src/oci/registry/registry-client.ts';
import { ImageStore, type ImageStoreInit } from '../../src/oci/store/image-store.ts';

/** The smallest module there is. */
export const emptyModule = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A module of any size: what is added is a custom section, which nobody reads. */
export function moduleOf(bytes: number): Buffer {
  const size = Buffer.from([0, 0, 0, 0]);
  for (let i = 0; i < 4; i++) size[i] = ((bytes >> (7 * i)) & 0x7f) | (i < 3 ? 0x80 : 0);
  return Buffer.concat([emptyModule, Buffer.from([0]), size, Buffer.alloc(bytes)]);
}

export interface WorkbenchInit {
  readonly client?: RegistryClientInit;
  readonly store?: ImageStoreInit;
  readonly puller?: PullerInit;
}

/** A store in a directory of its own, and what pulls into it, impatient enough for tests. */
export class Workbench implements AsyncDisposable {
  readonly directory: string;
  readonly client: RegistryClient;
  readonly store: ImageStore;
  readonly puller: Puller;

  constructor(directory: string, init: WorkbenchInit = {}) {
    const retry = { baseDelayMs: 1, attempts: 3 };
    this.directory = directory;
    this.client = new RegistryClient({ retry, ...init.client });
    this.store = new ImageStore(
      { directory: path.join(directory, 'images') },
      { download: { retry }, ...init.store },
    );
    this.puller = new Puller({ store: this.store, client: this.client }, init.puller);
  }

  static async create(init: WorkbenchInit = {}): Promise<Workbench> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'workbench-'));
    const workbench = new Workbench(directory, init);
    await workbench.store.open();
    return workbench;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}
