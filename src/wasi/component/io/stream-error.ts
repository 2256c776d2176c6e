import { own } from '../abi/handles.ts';
import { type VariantOf, variant } from '../abi/variants.ts';
import { IoError } from './io-error.ts';

const cases = { 'last-operation-failed': own(() => IoError), closed: undefined };

/** `wasi:io/streams.stream-error`. */
export const streamError = variant(cases);

export type StreamError = VariantOf<typeof cases>;

export const closed: StreamError = { kind: 'closed' };

/** The error of a stream whose last operation failed, with what the guest may ask about it. */
export function failed(cause: unknown): StreamError {
  return { kind: 'last-operation-failed', value: new IoError(cause) };
}
