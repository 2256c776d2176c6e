import { own } from '../../abi/handles.ts';
import { u8 } from '../../abi/numbers.ts';
import { option, result, unit } from '../../abi/variants.ts';
import { future, stream } from '../../async/channel-codecs.ts';
import { errorCode } from '../../http/error-code.ts';
import { Fields } from '../../http/fields.ts';

/** Types that requests and responses have in common. */
export const ownFields = own(() => Fields);
export const contents = stream(u8);
export const trailers = future(result(option(ownFields), errorCode));
export const end = future(result(unit, errorCode));
export const plain = result(unit, unit);
