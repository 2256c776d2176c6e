import { isObject } from '../is-object.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** Reads the fields of one object of a kubeconfig, naming the field where it is not as it must be. */
export class Fields {
  readonly #values: Record<string, unknown>;
  readonly #path: string;

  /** An absent object has no fields; `path` is how errors name it. */
  constructor(value: unknown, path: string) {
    if (value !== undefined && value !== null && !isObject(value)) {
      throw new KubeconfigError(`Cannot read kubeconfig: '${path}' must be an object`);
    }
    this.#values = value ?? {};
    this.#path = path;
  }

  /** How errors name the field. */
  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** The string, or `undefined` where the field is absent or empty. */
  string(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw this.#wrong(name, 'a string');
    return value;
  }

  /** The string; throws where there is none. */
  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw this.#wrong(name, 'given');
    return value;
  }

  /** The flag; off where it is absent. */
  flag(name: string): boolean {
    const value = this.#values[name];
    if (value === undefined || value === null) return false;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  /** The base64 text, decoded. */
  base64(name: string): string | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    const isBase64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text);
    if (!isBase64) throw this.#wrong(name, 'base64');
    return Buffer.from(text, 'base64').toString('utf8');
  }

  /** The fields of the object in this field. */
  object(name: string): Fields {
    return new Fields(this.#values[name], this.pathOf(name));
  }

  /** Whether the field is there. */
  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** The items of a list, each as fields; none where the field is absent. */
  list(name: string): readonly Fields[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value.map((item: unknown, at) => new Fields(item, `${this.pathOf(name)}[${at}]`));
  }

  /** The strings of a list; none where the field is absent. */
  strings(name: string): readonly string[] {
    const value = this.#values[name] ?? [];
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    if (!isList) throw this.#wrong(name, 'a list of strings');
    return value;
  }

  #wrong(name: string, expected: string): KubeconfigError {
    return new KubeconfigError(
      `Cannot read kubeconfig: '${this.pathOf(name)}' must be ${expected}`,
    );
  }
}
