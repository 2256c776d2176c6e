import { string } from '../abi/lists.ts';
import { type VariantOf, variant } from '../abi/variants.ts';

const methods = {
  get: undefined,
  head: undefined,
  post: undefined,
  put: undefined,
  delete: undefined,
  connect: undefined,
  options: undefined,
  trace: undefined,
  patch: undefined,
  other: string,
};

/** `wasi:http/types.method`. */
export const method = variant(methods);
export type Method = VariantOf<typeof methods>;

const known = new Map<string, Method>(
  (['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const).map(
    (kind) => [kind.toUpperCase(), { kind }],
  ),
);

export function methodOf(name: string): Method {
  return known.get(name) ?? { kind: 'other', value: name };
}

export function methodName(value: Method): string {
  return value.kind === 'other' ? value.value : value.kind.toUpperCase();
}
