import * as v from 'valibot';
import { readIfThere, writeSecretFile } from '../node/credentials/secret-file.ts';

const grant = v.object({
  ids: v.array(v.string()),
  env: v.record(v.string(), v.string()),
  mounts: v.array(
    v.object({ containerPath: v.string(), hostPath: v.string(), readOnly: v.boolean() }),
  ),
});
/** Devices of one resource that a container has, and what it gets with them. */
export type DeviceGrant = v.InferOutput<typeof grant>;

const content = v.object({
  version: v.literal(1),
  resources: v.array(v.string()),
  /** By uid of the pod, name of the container and resource. */
  pods: v.record(v.string(), v.record(v.string(), v.record(v.string(), grant))),
});
/** What is known of devices beyond the life of this process. */
export type DeviceState = Omit<v.InferOutput<typeof content>, 'version'>;

/** Keeps what was given to whom in a file. */
export class DeviceCheckpoint {
  readonly #file: string;
  #writing: Promise<void> = Promise.resolve();
  #isStale = false;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * What was last saved; `undefined` where nothing was.
   *
   * @throws where the file holds something else
   */
  async load(): Promise<DeviceState | undefined> {
    const text = await readIfThere(this.#file);
    return text === undefined ? undefined : v.parse(content, JSON.parse(text));
  }

  /** Resolves when what `state` gives, now or later, is on the disk; one write at a time. */
  save(state: () => DeviceState): Promise<void> {
    if (this.#isStale) return this.#writing;
    this.#isStale = true;
    const write = () => {
      this.#isStale = false;
      return writeSecretFile(this.#file, JSON.stringify({ version: 1, ...state() }));
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
