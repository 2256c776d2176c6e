import { duplicate } from '../../wasi/libc/process.ts';
import { receiveHandover, reportDescriptor } from '../launcher/handover.ts';
import { prepareSandbox } from '../sandbox/enter-sandbox.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { readContainerSpec } from './announce-container.ts';
import { becomeContainer } from './become-container.ts';
import type { ContainerBodies } from './container-body.ts';
import { sealProcess } from './seal-process.ts';

/** Goes on as the container that the launcher has announced, half confined and executed. */
export function runExecuted(bodies: ContainerBodies): void {
  sealProcess();
  const { directory, identity } = receiveHandover();
  const report = must('keep the report pipe', duplicate(reportDescriptor));
  const sandbox = prepareSandbox('engine');
  const announce = () => ({ identity, spec: readContainerSpec(directory) });
  becomeContainer({ bodies, sandbox, announce }, { directory, report });
}
