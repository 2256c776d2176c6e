import { type FileStatus, fileType } from '../../system/file-status.ts';
import type { Codec } from '../abi/codec.ts';
import { u64 } from '../abi/numbers.ts';
import { record } from '../abi/records.ts';
import { enumeration, option } from '../abi/variants.ts';
import { type DateTime, dateTimeOf } from '../clocks/wall-clock.ts';
import type { Dialect } from './dialect.ts';

/** The cases of `descriptor-type`; in WASI 0.3 what is unknown is some other. */
export const descriptorTypes = [
  'unknown',
  'block-device',
  'character-device',
  'directory',
  'fifo',
  'symbolic-link',
  'regular-file',
  'socket',
] as const;

export type DescriptorType = (typeof descriptorTypes)[number];

/** `wasi:filesystem/types.descriptor-type`. */
export const descriptorType = enumeration<DescriptorType>(descriptorTypes);

const byFileType: Readonly<Record<number, DescriptorType>> = {
  [fileType.blockDevice]: 'block-device',
  [fileType.characterDevice]: 'character-device',
  [fileType.directory]: 'directory',
  [fileType.regularFile]: 'regular-file',
  [fileType.socketDgram]: 'socket',
  [fileType.socketStream]: 'socket',
  [fileType.symbolicLink]: 'symbolic-link',
};

export function descriptorTypeOf(type: number): DescriptorType {
  return byFileType[type] ?? 'unknown';
}

interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: DateTime | undefined;
  readonly dataModificationTimestamp: DateTime | undefined;
  readonly statusChangeTimestamp: DateTime | undefined;
}

/** `wasi:filesystem/types.descriptor-stat`. */
export function descriptorStat({
  descriptorType,
  dateTime,
}: Pick<Dialect, 'descriptorType' | 'dateTime'>): Codec<DescriptorStat> {
  return record<DescriptorStat>({
    type: descriptorType,
    linkCount: u64,
    size: u64,
    dataAccessTimestamp: option(dateTime),
    dataModificationTimestamp: option(dateTime),
    statusChangeTimestamp: option(dateTime),
  });
}

export function descriptorStatOf(status: FileStatus): DescriptorStat {
  return {
    type: descriptorTypeOf(status.type),
    linkCount: status.links,
    size: status.size,
    dataAccessTimestamp: dateTimeOf(status.accessed),
    dataModificationTimestamp: dateTimeOf(status.modified),
    statusChangeTimestamp: dateTimeOf(status.changed),
  };
}

/** `metadata-hash-value`: two names of one file have one hash. */
export const metadataHash = record<{ lower: bigint; upper: bigint }>({ lower: u64, upper: u64 });

export function metadataHashOf(status: FileStatus): { lower: bigint; upper: bigint } {
  return { lower: BigInt.asUintN(64, status.inode), upper: BigInt.asUintN(64, status.device) };
}
