import { errno } from '../../errno.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { bytes } from '../abi/lists.ts';
import { bool, u64 } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { enumeration, error, ok, type Result, result, unit } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream } from '../io/output-stream.ts';
import { Descriptor } from './descriptor.ts';
import { type ErrorCode, errorCode, errorCodeOf, statusResult } from './error-code.ts';
import { FileInputStream, FileOutputStream } from './file-streams.ts';
import { fileTimesOf, newTimestamp } from './file-times.ts';

const self = borrow(() => Descriptor);
const nothing = result(unit, errorCode);

const advice = enumeration([
  'normal',
  'sequential',
  'random',
  'will-need',
  'dont-need',
  'no-reuse',
]);

/** The system's numbers of the same advice. */
const adviceNumbers = {
  normal: 0,
  sequential: 1,
  random: 2,
  'will-need': 3,
  'dont-need': 4,
  'no-reuse': 5,
} as const;

const largestRead = 65536;

/** What may not be written is not, whatever the system would say to it. */
function refusalToWrite(file: Descriptor): number {
  if (file.init.readOnly) return errno.rofs;
  return file.init.write ? errno.success : errno.badf;
}

function ifWritable<T>(file: Descriptor, act: () => Result<T, ErrorCode>): Result<T, ErrorCode> {
  const refusal = refusalToWrite(file);
  return refusal === errno.success ? act() : error(errorCodeOf(refusal));
}

/** What is done to a file that is open. */
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
  '[method]descriptor.advise': hostFunction(
    [self, u64, u64, advice],
    nothing,
    (_guest, file, offset, length, kind) =>
      statusResult(file.system.files.advise(file.handle, offset, length, adviceNumbers[kind])),
  ),
  '[method]descriptor.sync-data': hostFunction([self], nothing, (_guest, file) =>
    statusResult(file.system.files.sync(file.handle, true)),
  ),
  '[method]descriptor.sync': hostFunction([self], nothing, (_guest, file) =>
    statusResult(file.system.files.sync(file.handle, false)),
  ),
  '[method]descriptor.set-size': hostFunction([self, u64], nothing, (_guest, file, size) =>
    ifWritable(file, () => statusResult(file.system.files.setSize(file.handle, size))),
  ),
  '[method]descriptor.set-times': hostFunction(
    [self, newTimestamp, newTimestamp],
    nothing,
    (_guest, file, accessed, modified) =>
      file.init.readOnly
        ? error('read-only')
        : statusResult(file.system.files.setTimes(file.handle, fileTimesOf(accessed, modified))),
  ),
};
