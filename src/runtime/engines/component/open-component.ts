import { closeSync, readFileSync } from 'node:fs';
import { MalformedBinary } from '../../../wasi/component/binary/malformed-binary.ts';
import type { LinkPlan } from '../../../wasi/component/link/link-plan.ts';
import { UnsupportedComponent } from '../../../wasi/component/link/unsupported-component.ts';
import { planComponent } from '../../../wasi/component/plan-component.ts';
import {
  type PreparedComponent,
  prepareComponent,
} from '../../../wasi/component/prepared-component.ts';
import { decodePrepared } from '../../../wasi/component/prepared-file.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { hasErrorCode } from '../../errors.ts';
import { openModule } from '../open-module.ts';

/** A component that was opened outside the sandbox, to be prepared and compiled inside. */
export interface OpenComponent {
  readonly kind: 'component';
  readonly plan: LinkPlan;
  /** @throws {UnsupportedComponent} */
  prepare(): PreparedComponent;
}

/** A file that claims to be a component, but is none that can be run here. */
export interface UnusableComponent {
  readonly kind: 'unusable';
  readonly reason: Error;
}

/**
 * Takes the component as it was prepared when it was pulled, else reads the original, which takes
 * longer to start: about 30 ms a megabyte.
 */
export function openComponent(
  spec: Pick<ContainerSpec, 'modulePath' | 'preparedPath' | 'exec'>,
): OpenComponent | UnusableComponent {
  const prepared = spec.preparedPath && readPrepared(spec.preparedPath);
  if (prepared) return { kind: 'component', plan: prepared.plan, prepare: () => prepared };
  const bytes = readModule(spec);
  try {
    return {
      kind: 'component',
      plan: planComponent(bytes),
      prepare: () => prepareComponent(bytes),
    };
  } catch (reason) {
    if (reason instanceof UnsupportedComponent || reason instanceof MalformedBinary) {
      return { kind: 'unusable', reason };
    }
    throw reason;
  }
}

function readModule(spec: Pick<ContainerSpec, 'modulePath' | 'exec'>): Uint8Array<ArrayBuffer> {
  const fd = openModule(spec);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readPrepared(file: string): PreparedComponent | undefined {
  try {
    return decodePrepared(readFileSync(file));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
