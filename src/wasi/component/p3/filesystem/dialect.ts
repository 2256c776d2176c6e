import { openEnumeration } from '../../abi/open-enumeration.ts';
import { asyncFunction } from '../../async/async-function.ts';
import type { Dialect } from '../../filesystem/dialect.ts';
import { type ErrorCode, errorCodes } from '../../filesystem/error-code.ts';
import { type DescriptorType, descriptorTypes } from '../../filesystem/stat.ts';
import { instant } from '../clocks/instant.ts';

/** wasi:filesystem as WASI 0.3 has it: what is done is done at once, though guests may wait for it. */
export const dialect: Dialect = {
  define: (parameters, result, implementation) =>
    asyncFunction(parameters, result, ({ guest }, ...values) => implementation(guest, ...values)),
  errorCode: openEnumeration<ErrorCode>(errorCodes.filter((name) => name !== 'would-block')),
  descriptorType: openEnumeration<DescriptorType>(
    descriptorTypes.filter((name) => name !== 'unknown'),
  ),
  dateTime: instant,
};
