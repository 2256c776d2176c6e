import { processHost } from './cli/host.ts';
import { runCli } from './cli/run-cli.ts';

process.exitCode = await runCli(processHost());
