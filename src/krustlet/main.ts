import { hasErrorCode } from '../runtime/errors.ts';
import { processHost } from './cli/host.ts';
import { runCli } from './cli/run-cli.ts';

// That nobody reads the output any more, as after `| head`, is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!hasErrorCode(error, 'EPIPE')) throw error;
  });
}

process.exitCode = await runCli(processHost());
