/** One file of a volume whose content Kubernetes provides. */
export interface VolumeFile {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Files by their path inside the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

/** What a volume that is made of files holds now. */
export interface VolumeContent {
  readonly files: VolumeFiles;
  /** When it has to be made anew even if nothing changed, in milliseconds since the epoch. */
  readonly refreshAt?: number;
}
