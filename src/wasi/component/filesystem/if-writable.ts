import { errno } from '../../errno.ts';
import { error, type Result } from '../abi/variants.ts';
import type { Descriptor } from './descriptor.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';

/** Does `act`, unless the file may not be written: whatever the system would say to it. */
export function ifWritable<T>(
  file: Descriptor,
  act: () => Result<T, ErrorCode>,
): Result<T, ErrorCode> {
  const refusal = refusalToWrite(file);
  return refusal === errno.success ? act() : error(errorCodeOf(refusal));
}

function refusalToWrite({ init }: Descriptor): number {
  if (init.readOnly) return errno.rofs;
  return init.write ? errno.success : errno.badf;
}
