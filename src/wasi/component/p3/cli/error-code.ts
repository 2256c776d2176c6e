import { enumeration } from '../../abi/variants.ts';

const names = ['io', 'illegal-byte-sequence', 'pipe'] as const;

/** `wasi:cli/types.error-code` of WASI 0.3. */
export const errorCode = enumeration(names);

export type ErrorCode = (typeof names)[number];
