import { readContainerSpec } from '../container/announce-container.ts';
import { sealProcess } from '../container/seal-process.ts';
import { runTerminalPump } from './terminal-pump.ts';

/* The script that plays the user of the terminal of a container whose process cannot fork. Its
argument is the container's directory. */

const [directory = ''] = process.argv.slice(2);

sealProcess();
runTerminalPump({
  directory,
  ready: 3,
  controller: 4,
  ...(readContainerSpec(directory).stdin !== 'closed' && { keyboard: 5 }),
  threads: 'engine',
});
