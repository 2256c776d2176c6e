import { readContainerSpec } from '../container/announce-container.ts';
import { sealProcess } from '../container/seal-process.ts';
import { runLogPump } from './log-pump.ts';

/* The script that writes the log of a container whose process cannot fork. Its argument is the
container's directory. */

const [directory = ''] = process.argv.slice(2);

sealProcess();
runLogPump({
  directory,
  ready: 3,
  stdout: 4,
  stderr: 5,
  ...(readContainerSpec(directory).stdin === 'once' && { stdin: { holder: 6, watch: 7 } }),
  threads: 'engine',
});
