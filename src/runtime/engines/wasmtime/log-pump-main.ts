import { sealProcess } from '../../container/seal-process.ts';
import { runLogPump } from './log-pump.ts';

/* The script that writes the log of a container whose process cannot fork. Its arguments are the
container's directory, and `once` where standard input waits for its first writer. */

const [directory = '', stdin] = process.argv.slice(2);

sealProcess();
runLogPump({
  directory,
  ready: 3,
  stdout: 4,
  stderr: 5,
  ...(stdin === 'once' && { stdin: { holder: 6, watch: 7 } }),
  threads: 'engine',
});
