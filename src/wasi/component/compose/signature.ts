import type { CoreType } from '../abi/codec.ts';
import { tuple } from './aggregates.ts';
import type { ValueType } from './value-type.ts';

/** The type of a core function. */
export interface CoreSignature {
  readonly parameters: readonly CoreType[];
  readonly results: readonly CoreType[];
}

/** What a function takes and gives, and as which core values. */
export class Signature {
  readonly parameters: ValueType;
  readonly result: ValueType | undefined;
  /** Where a caller says in which place it wants a result that is more than one core value. */
  readonly returnAt: number;
  readonly #parameters: readonly CoreType[];

  constructor(parameters: readonly ValueType[], result: ValueType | undefined) {
    this.parameters = tuple(parameters);
    this.result = result;
    this.#parameters = this.parameters.flat ?? ['i32'];
    this.returnAt = this.#parameters.length;
  }

  /** Whether a result is in memory, because it is more than one core value. */
  get returnsInMemory(): boolean {
    return this.result !== undefined && this.result.flat?.length !== 1;
  }

  /** What a caller's core module takes the function for. */
  get lowered(): CoreSignature {
    const parameters = this.#parameters;
    return this.returnsInMemory
      ? { parameters: [...parameters, 'i32'], results: [] }
      : { parameters, results: this.result?.flat ?? [] };
  }

  /** What the core function is that is behind it, where it is lifted in this way. */
  lifted(kind: 'sync' | 'stackful' | 'callback'): CoreSignature {
    if (kind !== 'sync') {
      return { parameters: this.#parameters, results: kind === 'callback' ? ['i32'] : [] };
    }
    const results = this.returnsInMemory ? (['i32'] as const) : (this.result?.flat ?? []);
    return { parameters: this.#parameters, results };
  }
}
