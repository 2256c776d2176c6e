import { type FileStatus, fileType } from '../../system/file-status.ts';
import { fileFlag } from '../../system/files.ts';
import type { FlagsOf } from '../abi/flags.ts';
import { borrow } from '../abi/handles.ts';
import type { HostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { bool } from '../abi/numbers.ts';
import { error, ok, type Result, result } from '../abi/variants.ts';
import { Descriptor } from './descriptor.ts';
import type { Dialect } from './dialect.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { type DescriptorFlag, descriptorFlags, pathFlags } from './open-flags.ts';
import {
  descriptorStat,
  descriptorStatOf,
  descriptorTypeOf,
  metadataHash,
  metadataHashOf,
} from './stat.ts';

const self = borrow(() => Descriptor);

function withStatus<T>(
  status: FileStatus | number,
  use: (status: FileStatus) => T,
): Result<T, ErrorCode> {
  return typeof status === 'number' ? error(errorCodeOf(status)) : ok(use(status));
}

/** What is asked about files. */
export function statusFunctions(dialect: Dialect): Record<string, HostFunction> {
  const { define, errorCode, descriptorType } = dialect;
  const stat = result(descriptorStat(dialect), errorCode);
  return {
    '[method]descriptor.get-flags': define(
      [self],
      result(descriptorFlags, errorCode),
      (_guest, file) => describeFlags(file),
    ),
    '[method]descriptor.get-type': define(
      [self],
      result(descriptorType, errorCode),
      (_guest, file) => withStatus(file.status(), ({ type }) => descriptorTypeOf(type)),
    ),
    '[method]descriptor.stat': define([self], stat, (_guest, file) =>
      withStatus(file.status(), descriptorStatOf),
    ),
    '[method]descriptor.stat-at': define(
      [self, pathFlags, string],
      stat,
      (_guest, directory, { symlinkFollow }, path) =>
        withStatus(directory.statusAt(path, symlinkFollow), descriptorStatOf),
    ),
    '[method]descriptor.is-same-object': define([self, self], bool, (_guest, one, other) => {
      const [left, right] = [one.status(), other.status()];
      if (typeof left === 'number' || typeof right === 'number') return false;
      return left.device === right.device && left.inode === right.inode;
    }),
    '[method]descriptor.metadata-hash': define(
      [self],
      result(metadataHash, errorCode),
      (_guest, file) => withStatus(file.status(), metadataHashOf),
    ),
    '[method]descriptor.metadata-hash-at': define(
      [self, pathFlags, string],
      result(metadataHash, errorCode),
      (_guest, directory, { symlinkFollow }, path) =>
        withStatus(directory.statusAt(path, symlinkFollow), metadataHashOf),
    ),
  };
}

function describeFlags(file: Descriptor): Result<FlagsOf<DescriptorFlag>, ErrorCode> {
  const status = file.status();
  const bits = file.system.files.flags(file.handle);
  if (bits < 0) return error(errorCodeOf(-bits));
  return withStatus(status, ({ type }) => ({
    read: file.init.read,
    write: file.init.write && type !== fileType.directory,
    fileIntegritySync: (bits & fileFlag.sync) !== 0,
    dataIntegritySync: (bits & fileFlag.dsync) !== 0,
    requestedWriteSync: (bits & fileFlag.rsync) !== 0,
    mutateDirectory: type === fileType.directory && file.init.mutate === true,
  }));
}
