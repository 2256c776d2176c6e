/** Kinds of files, by preview1's numbers. */
export const fileType = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** The type that the `S_IFMT` bits of a mode name. WASI has none for pipes. */
export function fileTypeOfMode(mode: number): number {
  return typesByMode[(mode >> 12) & 15] ?? fileType.unknown;
}

const typesByMode: Readonly<Record<number, number>> = {
  2: fileType.characterDevice,
  4: fileType.directory,
  6: fileType.blockDevice,
  8: fileType.regularFile,
  10: fileType.symbolicLink,
  12: fileType.socketStream,
};

/** Metadata of a file. One instance is filled again and again. Times are nanoseconds since 1970. */
export class FileStatus {
  device = 0n;
  inode = 0n;
  type: number = fileType.unknown;
  links = 0n;
  size = 0n;
  accessed = 0n;
  modified = 0n;
  changed = 0n;
}
