import { duplicate, exitNow } from '../../wasi/libc/process.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { receiveHandover, reportDescriptor } from '../launcher/handover.ts';
import { enterSandbox, prepareSandbox } from '../sandbox/enter-sandbox.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { becomeContainer } from './become-container.ts';
import type { ContainerBody } from './container-body.ts';
import { sealProcess } from './seal-process.ts';

/**
 * Goes on as the container that the launcher has announced, half confined and executed.
 *
 * @param bodyFor loads what runs it
 */
export function runExecuted(bodyFor: (spec: ContainerSpec) => ContainerBody): void {
  sealProcess();
  const { directory, identity } = receiveHandover();
  const report = must('keep the report pipe', duplicate(reportDescriptor));
  const sandbox = prepareSandbox('engine');
  becomeContainer(
    {
      open: (spec, directory) => bodyFor(spec).prepare().open(spec, directory),
      enter: (policy) => enterSandbox(policy, sandbox),
      exit: exitNow,
    },
    { directory, identity, report },
  );
}
