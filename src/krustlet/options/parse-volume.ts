import { statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../cli/user-error.ts';

export interface Volume {
  readonly hostPath: string;
  readonly guestPath: string;
  readonly readOnly: boolean;
}

/**
 * Reads one `--volume`: `HOST:GUEST`, followed by `:ro` for a read-only mount. The host path may
 * be relative; it must exist, since a folder made by mistake hides the mistake.
 */
export function parseVolume(text: string): Volume {
  const parts = splitVolume(text);
  const [host, guestPath, mode = 'rw'] = parts;
  if (host === undefined || guestPath === undefined || parts.length > 3 || host === '') {
    throw new UserError(`reading --volume '${text}' failed: give HOST:GUEST or HOST:GUEST:ro`);
  }
  if (mode !== 'ro' && mode !== 'rw') {
    throw new UserError(`reading --volume '${text}' failed: the mode is ro or rw, not '${mode}'`);
  }
  if (!path.posix.isAbsolute(guestPath)) {
    throw new UserError(
      `reading --volume '${text}' failed: the guest path must be absolute, such as '/${guestPath}'`,
    );
  }
  const hostPath = path.resolve(host);
  if (statSync(hostPath, { throwIfNoEntry: false }) === undefined) {
    throw new UserError(`mounting '${hostPath}' failed: there is no such file or folder`);
  }
  return { hostPath, guestPath: path.posix.normalize(guestPath), readOnly: mode === 'ro' };
}

/** Splits at colons, but not after the drive letter of a Windows path. */
function splitVolume(text: string): string[] {
  const drive = /^[A-Za-z]:[\\/]/.test(text) ? text.slice(0, 2) : '';
  const [first, ...rest] = text.slice(drive.length).split(':');
  return [`${drive}${first ?? ''}`, ...rest];
}
