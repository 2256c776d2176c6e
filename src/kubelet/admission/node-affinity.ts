import type { Pod } from '../pods/schema/pod.ts';
import type { NodeSelectorTerm } from '../pods/schema/scheduling.ts';

/** What of a node a pod may ask for. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Requirement = NodeSelectorTerm['matchExpressions'][number];

/** Whether the node is one that the pod's nodeSelector and required node affinity ask for. */
export function matchesNode({ spec }: Pod, node: SelectableNode): boolean {
  const { labels } = node;
  const isSelected = Object.entries(spec.nodeSelector).every(
    ([key, value]) => labels[key] === value,
  );
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return isSelected && (!required || matchesTerms(required.nodeSelectorTerms, node));
}

/** Whether the node is one that any of the terms asks for. */
export function matchesTerms(terms: readonly NodeSelectorTerm[], node: SelectableNode): boolean {
  return terms.some((term) => meets(term, node));
}

function meets({ matchExpressions, matchFields }: NodeSelectorTerm, node: SelectableNode): boolean {
  // A term that asks for nothing matches nothing.
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => holds(one, node.labels[one.key])) &&
    matchFields.every((one) => holds(one, one.key === 'metadata.name' ? node.name : undefined))
  );
}

function holds({ operator, values }: Requirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return Number(actual) > Number(values[0]);
    case 'Lt':
      return Number(actual) < Number(values[0]);
    default:
      // An operator of a newer Kubernetes: what it asks for cannot be known here.
      return false;
  }
}
