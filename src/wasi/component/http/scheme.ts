import { string } from '../abi/lists.ts';
import { type VariantOf, variant } from '../abi/variants.ts';

const schemes = { HTTP: undefined, HTTPS: undefined, other: string };

/** `wasi:http/types.scheme`. */
export const scheme = variant(schemes);
export type Scheme = VariantOf<typeof schemes>;
