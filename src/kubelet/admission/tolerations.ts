import type { Taint } from '../../kubernetes/resources/node.ts';
import type { Toleration } from '../pods/schema/scheduling.ts';

/** The first taint by which a node turns away pods that run already, and that nothing tolerates. */
export function untoleratedTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
): Taint | undefined {
  return taints
    .filter(({ effect }) => effect === 'NoExecute')
    .find((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  const isAnyKey = key === undefined || key === '';
  if (isAnyKey) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}
