import { errno } from '../errno.ts';
import { type FileStatus, fileType } from '../system/file-status.ts';
import { type Handle, noHandle, type System } from '../system/system.ts';
import { allRights, rightsOfType } from './rights.ts';
import type { Sink } from './sink.ts';

const notAskedYet = -1;

/** What a guest's descriptor number stands for. */
export class Descriptor {
  readonly handle: Handle;
  /** What may be done with it. */
  rights: number;
  /** The most that what is opened through it may be used for. */
  inheriting: number;
  /** Bits of `fileFlag`. */
  flags: number;
  /** Refuses every change with `rofs`, and so does whatever is opened through it. */
  readonly readOnly: boolean;
  /** What takes its writes, in place of the handle. */
  readonly sink: Sink | undefined;
  readonly preopen: Preopen | undefined;
  /** Whether the handle stays open when the guest closes the descriptor: it is the embedder's. */
  readonly borrowed: boolean;
  #type: number;

  constructor(handle: Handle, init: DescriptorInit = {}) {
    this.handle = handle;
    this.rights = init.rights ?? allRights;
    this.inheriting = init.inheriting ?? 0;
    this.flags = init.flags ?? 0;
    this.readOnly = init.readOnly ?? false;
    this.sink = init.sink;
    this.preopen = init.preopen;
    this.borrowed = init.borrowed ?? false;
    this.#type = init.type ?? notAskedYet;
  }

  /** The name of the one file that this directory shows, under the path `.`; it is that mount. */
  get onlyFile(): string | undefined {
    return this.preopen?.kind === 'file' ? this.preopen.name : undefined;
  }

  /**
   * The type of the file. Asked for when it matters first, since most files are opened, read and
   * closed without it; then the rights are reduced to those the type can have.
   */
  type({ files }: Pick<System, 'files'>, status: FileStatus): number {
    if (this.#type === notAskedYet) {
      const unknown = this.handle === noHandle || files.status(this.handle, status) !== 0;
      this.#type = unknown ? fileType.unknown : status.type;
      this.rights &= rightsOfType(this.#type);
      if (this.#type !== fileType.directory) this.inheriting = 0;
    }
    return this.#type;
  }
}

export interface DescriptorInit {
  /** @default all */
  readonly rights?: number;
  /** @default none */
  readonly inheriting?: number;
  readonly flags?: number;
  readonly readOnly?: boolean;
  readonly sink?: Sink | undefined;
  readonly preopen?: Preopen;
  readonly borrowed?: boolean;
  /** @default asked for when needed */
  readonly type?: number;
}

/** Closes what a descriptor stood for. @returns an error number */
export function closeDescriptor(
  { streams }: Pick<System, 'streams'>,
  { borrowed, handle }: Descriptor,
): number {
  return borrowed || handle === noHandle ? errno.success : streams.close(handle);
}

/** What `fd_prestat_get` tells of a descriptor that is there from the start. */
export type Preopen =
  | { readonly kind: 'directory'; readonly guestPath: Uint8Array }
  | { readonly kind: 'file'; readonly guestPath: Uint8Array; readonly name: string }
  | { readonly kind: 'listener' };
