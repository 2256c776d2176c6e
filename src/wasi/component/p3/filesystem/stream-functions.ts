import type { Guest } from '../../abi/guest.ts';
import { borrow } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { string } from '../../abi/lists.ts';
import { u8, u64 } from '../../abi/numbers.ts';
import { record, tuple } from '../../abi/records.ts';
import { done, error, ok, type Result, result, unit } from '../../abi/variants.ts';
import { bytesFrom, writeBytes } from '../../async/byte-streams.ts';
import { Channel } from '../../async/channel.ts';
import { future, stream } from '../../async/channel-codecs.ts';
import { emptyChannel, futureOf } from '../../async/host-channel.ts';
import { Descriptor } from '../../filesystem/descriptor.ts';
import { type DirectoryEntry, DirectoryEntryStream } from '../../filesystem/directory-entries.ts';
import { type ErrorCode, FilesystemFailure } from '../../filesystem/error-code.ts';
import { FileInputStream, FileOutputStream } from '../../filesystem/file-streams.ts';
import { ifWritable } from '../../filesystem/if-writable.ts';
import { dialect } from './dialect.ts';

const self = borrow(() => Descriptor);
const bytes = stream(u8);
const end = future(result(unit, dialect.errorCode));
const entry = record<DirectoryEntry>({ type: dialect.descriptorType, name: string });

type End = Result<undefined, ErrorCode>;

/** What is read and written piece by piece. */
export const streamFunctions: Record<string, HostFunction> = {
  '[method]descriptor.read-via-stream': hostFunction(
    [self, u64],
    tuple(bytes, end),
    (guest, file, offset) =>
      file.init.read
        ? bytesFrom(guest, new FileInputStream(file, guest.transfer, offset), codeOf)
        : ([emptyChannel<number>(), futureOf<End>(error('bad-descriptor'))] as const),
  ),
  '[method]descriptor.write-via-stream': hostFunction(
    [self, bytes, u64],
    end,
    (guest, file, data, offset) => futureOf(write(guest, file, data, offset)),
  ),
  '[method]descriptor.append-via-stream': hostFunction([self, bytes], end, (guest, file, data) =>
    futureOf(write(guest, file, data, 'end')),
  ),
  '[method]descriptor.read-directory': hostFunction(
    [self],
    tuple(stream(entry), end),
    (_guest, directory) => list(new DirectoryEntryStream(directory)),
  ),
};

function codeOf(cause: unknown): ErrorCode {
  return cause instanceof FilesystemFailure ? cause.code : 'io';
}

function write(
  guest: Guest,
  file: Descriptor,
  data: Channel<number>,
  offset: bigint | 'end',
): End | Promise<End> {
  const output = ifWritable(file, () => ok(new FileOutputStream(file, guest.transfer, offset)));
  if (output.kind === 'ok') return writeBytes(guest, data, output.value, codeOf);
  data.dropReader();
  return output;
}

function list(entries: DirectoryEntryStream) {
  const { promise, resolve } = Promise.withResolvers<End>();
  const channel = new Channel<DirectoryEntry>({
    produce: () => {
      const next = entries.next();
      if (next.kind === 'ok' && next.value !== undefined) return [next.value];
      resolve(next.kind === 'ok' ? done : next);
      return undefined;
    },
    cancel: () => {
      entries.drop();
      resolve(done);
    },
  });
  return [channel, futureOf(promise)] as const;
}
