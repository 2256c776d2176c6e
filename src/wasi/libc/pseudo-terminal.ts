import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place, placedBytes } from './struct-page.ts';

export interface PseudoTerminal {
  /** The descriptor of the side that plays the terminal's user. */
  readonly controller: number;
  /** The path of the device that a program opens. */
  readonly path: string;
}

const openFlags = 0o2000402; // O_RDWR | O_NOCTTY | O_CLOEXEC
const maxPath = 64;

/** Makes a pseudo-terminal; a negated errno where it cannot. */
export function openPseudoTerminal(): PseudoTerminal | number {
  const controller = callResult(libc.posix_openpt(openFlags));
  if (controller < 0) return controller;
  const prepared = callResult(libc.grantpt(controller)) || callResult(libc.unlockpt(controller));
  if (prepared < 0) return prepared;
  const [pointer] = place(new Uint8Array(maxPath));
  const named = libc.ptsname_r(controller, pointer, BigInt(maxPath));
  if (named !== 0) return -named;
  const bytes = placedBytes(pointer, maxPath);
  return { controller, path: Buffer.from(bytes).toString('latin1', 0, bytes.indexOf(0)) };
}

const setWindowSize = 0x5414n; // TIOCSWINSZ

/** Sets a terminal's size in characters, which tells its foreground programs. 0 or a negated errno. */
export function setTerminalSize(fd: number, size: { width: number; height: number }): number {
  const [pointer] = place(new Uint8Array(Uint16Array.of(size.height, size.width, 0, 0).buffer));
  return callResult(libc.ioctl(fd, setWindowSize, pointer));
}

const getAttributes = 0x5401n; // TCGETS
const setAttributes = 0x5402n; // TCSETS
/** Of the kernel's `struct termios`, which begins with the flags for input, then those for output. */
const attributesSize = 36;
const outputFlags = 4;
const processesOutput = 1; // OPOST

/**
 * Sets whether a terminal changes what is written to it, such as LF into CR LF. 0 or a negated errno.
 *
 * POSIX cousin: `tcsetattr` with `OPOST`.
 */
export function setOutputProcessing(fd: number, isOn: boolean): number {
  const [pointer] = place(new Uint8Array(attributesSize));
  const read = callResult(libc.ioctl(fd, getAttributes, pointer));
  if (read < 0) return read;
  const attributes = Buffer.from(placedBytes(pointer, attributesSize));
  const flags = attributes.readUInt32LE(outputFlags);
  const changed = isOn ? flags | processesOutput : flags & ~processesOutput;
  attributes.writeUInt32LE(changed >>> 0, outputFlags);
  const [wanted] = place(attributes);
  return callResult(libc.ioctl(fd, setAttributes, wanted));
}
