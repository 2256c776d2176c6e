import type { Readable, Writable } from 'node:stream';
import type { ExecStdio } from '../container-spec.ts';

/** A program that somebody wants to run beside a container. */
export interface ExecRequest {
  /** A built-in command, the container's own program by its name, or the guest path of a module. */
  readonly command: readonly string[];
  /** Whether stdio is one terminal; what the program writes to stderr then comes on stdout. */
  readonly tty: boolean;
}

/** The caller's side of the program's stdio. Those that are absent are /dev/null. */
export interface ExecStreams {
  readonly stdin?: Readable;
  /** Written to and not ended, as `stderr`. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** New sizes of the caller's terminal. */
  readonly resize?: AsyncIterable<TerminalSize>;
}

/** In characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** What joins a program's stdio with the caller's streams. */
export interface ExecConnection extends Disposable {
  /** Makes what both sides open; before the program is started. */
  open(): void;
  /** What the program is told to open, once it is made. */
  readonly stdio: ExecStdio;
  /**
   * Carries bytes both ways, from when the program has opened its side. Resolves when all that
   * it wrote has been delivered; input ends when `signal` aborts, that of a terminal once all is shown.
   */
  carry(signal: AbortSignal): Promise<void>;
}
