/** A volume that is there for containers to use. */
export interface MountedVolume {
  /** Absolute path of the directory or file on this machine. */
  readonly path: string;
  /** Whether no container may write to it, whatever its mount says. */
  readonly readOnly: boolean;
}
