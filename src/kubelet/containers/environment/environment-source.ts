import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import type { ObjectReader } from '../../object-reader.ts';
import { ConfigError } from '../config-error.ts';

/** The text values of one ConfigMap or Secret. */
export type Values = ReadonlyMap<string, string>;

/**
 * Reads the ConfigMaps and Secrets of one namespace for one container start, each at most once,
 * so that all of a container's variables come from the same version.
 */
export class EnvironmentSource {
  readonly #objects: ObjectReader;
  readonly #namespace: string;
  readonly #read = new Map<string, Promise<Values | undefined>>();

  constructor(objects: ObjectReader, namespace: string) {
    this.#objects = objects;
    this.#namespace = namespace;
  }

  /** All values; `undefined` where the object is missing and may be. */
  async values(
    kind: 'ConfigMap' | 'Secret',
    { name, optional }: { readonly name: string; readonly optional: boolean },
    options: AbortOptions = {},
  ): Promise<Values | undefined> {
    const id = `${kind}/${name}`;
    const reading = this.#read.get(id) ?? this.#fetch(kind, name, options);
    this.#read.set(id, reading);
    const values = await reading;
    if (values === undefined && !optional) {
      throw new ConfigError(`${kind.toLowerCase()} "${name}" not found`);
    }
    return values;
  }

  /** One value; `undefined` where object or key is missing and may be. */
  async value(
    kind: 'ConfigMap' | 'Secret',
    selector: { readonly name: string; readonly key: string; readonly optional: boolean },
    options: AbortOptions = {},
  ): Promise<string | undefined> {
    const value = (await this.values(kind, selector, options))?.get(selector.key);
    if (value === undefined && !selector.optional) {
      const where = `${kind} ${this.#namespace}/${selector.name}`;
      throw new ConfigError(`couldn't find key ${selector.key} in ${where}`);
    }
    return value;
  }

  async #fetch(
    kind: 'ConfigMap' | 'Secret',
    name: string,
    options: AbortOptions,
  ): Promise<Values | undefined> {
    const reference = { namespace: this.#namespace, name };
    if (kind === 'ConfigMap') {
      const configMap = await this.#objects.configMap(reference, options);
      return configMap && new Map(Object.entries(configMap.data));
    }
    const secret = await this.#objects.secret(reference, options);
    if (secret === undefined) return undefined;
    return new Map(Object.entries(secret.data).map(([key, bytes]) => [key, bytes.toString()]));
  }
}
