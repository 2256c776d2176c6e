import { fileType } from '../../system/file-status.ts';
import { borrow } from '../abi/handles.ts';
import type { HostFunction } from '../abi/host-function.ts';
import { u64 } from '../abi/numbers.ts';
import { enumeration, error, result, unit } from '../abi/variants.ts';
import { Descriptor } from './descriptor.ts';
import type { Dialect } from './dialect.ts';
import { type ErrorCode, statusResult } from './error-code.ts';
import { fileTimesOf, newTimestamp } from './file-times.ts';
import { ifWritable } from './if-writable.ts';

const self = borrow(() => Descriptor);

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

/** What is done to open files, but for their contents. */
export function changeFunctions(dialect: Dialect): Record<string, HostFunction> {
  const { define, errorCode } = dialect;
  const nothing = result(unit, errorCode);
  const time = newTimestamp(dialect);
  return {
    '[method]descriptor.advise': define(
      [self, u64, u64, advice],
      nothing,
      (_guest, file, offset, length, kind) => advise(file, offset, length, adviceNumbers[kind]),
    ),
    '[method]descriptor.sync-data': define([self], nothing, (_guest, file) =>
      statusResult(file.system.files.sync(file.handle, true)),
    ),
    '[method]descriptor.sync': define([self], nothing, (_guest, file) =>
      statusResult(file.system.files.sync(file.handle, false)),
    ),
    '[method]descriptor.set-size': define([self, u64], nothing, (_guest, file, size) =>
      ifWritable(file, () => statusResult(file.system.files.setSize(file.handle, signed(size)))),
    ),
    '[method]descriptor.set-times': define(
      [self, time, time],
      nothing,
      (_guest, file, accessed, modified) =>
        file.init.readOnly
          ? error('read-only')
          : statusResult(file.system.files.setTimes(file.handle, fileTimesOf(accessed, modified))),
    ),
  };
}

function advise(file: Descriptor, offset: bigint, length: bigint, advice: number) {
  const status = file.status();
  const isDirectory = typeof status !== 'number' && status.type === fileType.directory;
  if (isDirectory) return error<ErrorCode>('bad-descriptor');
  const { files } = file.system;
  return statusResult(files.advise(file.handle, signed(offset), signed(length), advice));
}

/** The system takes sizes for signed, and refuses those that are negative then. */
function signed(size: bigint): bigint {
  return BigInt.asIntN(64, size);
}
