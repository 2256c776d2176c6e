import { flags } from '../abi/flags.ts';

/** `wasi:filesystem/types.path-flags`. */
export const pathFlags = flags(['symlinkFollow']);

/** `wasi:filesystem/types.open-flags`. */
export const openFlags = flags(['create', 'directory', 'exclusive', 'truncate']);

const descriptorFlagNames = [
  'read',
  'write',
  'fileIntegritySync',
  'dataIntegritySync',
  'requestedWriteSync',
  'mutateDirectory',
] as const;

export type DescriptorFlag = (typeof descriptorFlagNames)[number];

/** `wasi:filesystem/types.descriptor-flags`. */
export const descriptorFlags = flags<DescriptorFlag>(descriptorFlagNames);
