import type { BuiltinCommand } from './builtin-command.ts';
import type { ByteChannel } from './byte-channel.ts';
import { parseCommandLine } from './command-line.ts';

/** `cat [FILE...]`: writes files, or standard input, to standard output. */
export const cat: BuiltinCommand = (args, { files, io }) => {
  const { operands } = parseCommandLine(args, 'u', 'cat [FILE...]');
  for (const name of operands.length === 0 ? ['-'] : operands) {
    if (name === '-') copy(() => io.readInput(), io);
    else {
      const handle = files.openToRead(name);
      copy(() => io.read(handle, name), io);
      io.close(handle);
    }
  }
  return 0;
};

function copy(next: () => Buffer, io: ByteChannel): void {
  for (let chunk = next(); chunk.length > 0; chunk = next()) io.write(chunk);
}
