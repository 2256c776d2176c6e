import { Resource } from '../abi/resource.ts';
import { done, enumeration, error, type Result } from '../abi/variants.ts';
import { canHave, isFieldName, isForbiddenField } from './field-rules.ts';

export type HeaderError = 'invalid-syntax' | 'forbidden' | 'immutable' | 'size-exceeded';

/** `header-error`: a variant without payloads has the layout of an enum. */
export const headerError = enumeration<HeaderError>(['invalid-syntax', 'forbidden', 'immutable']);

export interface Field {
  readonly name: string;
  /** The value's bytes as Latin-1, as Node's http carries them. */
  readonly value: string;
}

/** `wasi:http/types.fields`: headers or trailers, in order, names compared without case. */
export class Fields extends Resource {
  #entries: Field[];
  #mutable: boolean;

  constructor(entries: readonly Field[] = [], init: { mutable?: boolean; parent?: Resource } = {}) {
    super(init.parent);
    this.#entries = [...entries];
    this.#mutable = init.mutable ?? true;
  }

  /** The fields of a message as Node has them: names and values by turns. */
  static fromRaw(raw: readonly string[], parent?: Resource): Fields {
    const entries: Field[] = [];
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index] ?? '';
      if (!isForbiddenField(name.toLowerCase()))
        entries.push({ name, value: raw[index + 1] ?? '' });
    }
    return new Fields(entries, { mutable: false, ...(parent && { parent }) });
  }

  get entries(): readonly Field[] {
    return this.#entries;
  }

  /** From now on belongs to a message. */
  freeze(): void {
    this.#mutable = false;
  }

  get(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#entries
      .filter((entry) => entry.name.toLowerCase() === wanted)
      .map((entry) => entry.value);
  }

  append(name: string, value: string): Result<undefined, HeaderError> {
    const problem = this.#problemWith(name, [value], this.get(name));
    if (problem !== undefined) return error(problem);
    this.#entries.push({ name: this.#spelled(name), value });
    return done;
  }

  set(name: string, values: readonly string[]): Result<undefined, HeaderError> {
    const problem = this.#problemWith(name, values);
    if (problem !== undefined) return error(problem);
    this.#remove(name);
    this.#entries.push(...values.map((value) => ({ name, value })));
    return done;
  }

  delete(name: string): Result<undefined, HeaderError> {
    const problem = this.#problemWith(name, []);
    if (problem !== undefined) return error(problem);
    this.#remove(name);
    return done;
  }

  /** As it was spelled first: the values of one field are one field's. */
  #spelled(name: string): string {
    if (this.#entries.length === 0) return name;
    const wanted = name.toLowerCase();
    return this.#entries.find((entry) => entry.name.toLowerCase() === wanted)?.name ?? name;
  }

  #remove(name: string): void {
    const unwanted = name.toLowerCase();
    this.#entries = this.#entries.filter((entry) => entry.name.toLowerCase() !== unwanted);
  }

  #problemWith(
    name: string,
    added: readonly string[],
    present?: readonly string[],
  ): HeaderError | undefined {
    if (!this.#mutable) return 'immutable';
    const lowerCaseName = name.toLowerCase();
    if (!isFieldName(name) || !canHave(lowerCaseName, added, present)) return 'invalid-syntax';
    return isForbiddenField(lowerCaseName) ? 'forbidden' : undefined;
  }
}
