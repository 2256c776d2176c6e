import { open } from 'node:fs/promises';
import { nameFileFormat } from '../../oci/artifact/name-file-format.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { UserError } from '../cli/user-error.ts';

const headSize = 4096;
const magic = Buffer.from('\0asm');
/** What follows the magic number in version 1 of a module, and in a component. */
const moduleVersion = 1;
const componentLayer = 1;

/**
 * Looks at the beginning of what should be run, and says what it is where it is neither a module nor a component. What
 * is wrong further inside is found when it is compiled.
 *
 * @throws {UserError}
 */
export async function checkModuleFile(file: string): Promise<void> {
  const head = await readHead(file);
  if (!head.subarray(0, magic.length).equals(magic)) {
    throw cannotRun(file, `it is not WebAssembly but ${nameFileFormat(head)}`);
  }
  if (head.length < 8) throw cannotRun(file, 'it is truncated: only its first bytes are there');
  if (head.readUInt16LE(6) === componentLayer) return;
  const version = head.readUInt32LE(4);
  if (version !== moduleVersion) throw cannotRun(file, `its version is ${version}, not 1`);
}

/** Something that cannot be run, and why. */
export function cannotRun(file: string, why: string, cause?: unknown): UserError {
  return new UserError(`running '${file}' failed: ${why}`, {
    exitCode: exitCodes.cannotRun,
    cause,
  });
}

async function readHead(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file);
    if ((await handle.stat()).isDirectory()) throw cannotRun(file, 'it is a folder');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headSize), 0, headSize, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): UserError {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new UserError(`running '${file}' failed: there is no such file`, {
      exitCode: exitCodes.notFound,
    });
  }
  return cannotRun(file, 'it cannot be read', error);
}
