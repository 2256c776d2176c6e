import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { bytes } from '../abi/lists.ts';
import { bool, u64 } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { error, ok, result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream } from '../io/output-stream.ts';
import { Descriptor } from './descriptor.ts';
import { type ErrorCode, errorCode, errorCodeOf } from './error-code.ts';
import { FileInputStream, FileOutputStream } from './file-streams.ts';
import { ifWritable } from './if-writable.ts';

const self = borrow(() => Descriptor);

const largestRead = 65536;

/** What is done to the contents of a file that is open. */
export const fileFunctions: Record<string, HostFunction> = {
  '[method]descriptor.read-via-stream': hostFunction(
    [self, u64],
    result(
      own(() => InputStream),
      errorCode,
    ),
    ({ transfer }, file, offset) =>
      file.init.read
        ? ok<InputStream>(new FileInputStream(file, transfer, offset))
        : error<ErrorCode>('bad-descriptor'),
  ),
  '[method]descriptor.write-via-stream': hostFunction(
    [self, u64],
    result(
      own(() => OutputStream),
      errorCode,
    ),
    ({ transfer }, file, offset) =>
      ifWritable(file, () => ok(new FileOutputStream(file, transfer, offset))),
  ),
  '[method]descriptor.append-via-stream': hostFunction(
    [self],
    result(
      own(() => OutputStream),
      errorCode,
    ),
    ({ transfer }, file) => ifWritable(file, () => ok(new FileOutputStream(file, transfer, 'end'))),
  ),
  '[method]descriptor.read': hostFunction(
    [self, u64, u64],
    result(tuple(bytes, bool), errorCode),
    ({ transfer }, file, length, offset) => {
      if (!file.init.read) return error('bad-descriptor');
      const wanted = length < largestRead ? Number(length) : largestRead;
      const taken = transfer.readAt(file.system, file.handle, wanted, offset);
      if (typeof taken === 'number') return error(errorCodeOf(-taken));
      return ok([taken, taken.length === 0 && wanted > 0] as const);
    },
  ),
  '[method]descriptor.write': hostFunction(
    [self, bytes, u64],
    result(u64, errorCode),
    ({ transfer }, file, contents, offset) =>
      ifWritable(file, () => {
        const written = transfer.writeAt(file.system, file.handle, contents, offset);
        return written < 0 ? error(errorCodeOf(-written)) : ok(BigInt(written));
      }),
  ),
};
