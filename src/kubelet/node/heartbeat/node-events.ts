import type { Node, NodeStatus } from '../../../kubernetes/resources/node.ts';

/** Something that happened to the node. */
export interface NodeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Hears what happens to the node, and which Node it is about. */
export type NodeEventListener = (node: Node, event: NodeEvent) => void;

/** Reasons of stock kubelets for each condition: where it is true, and where it is not. */
const reasons: Readonly<Record<string, readonly [isTrue: string, isFalse: string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  Ready: ['NodeReady', 'NodeNotReady'],
};

/** What a new status of the Node tells, in the words of stock kubelets. */
export function nodeEvents({ metadata, status: before }: Node, after: NodeStatus): NodeEvent[] {
  return [...rebooted(metadata.name, before, after), ...turned(metadata.name, before, after)];
}

function rebooted(name: string, before: NodeStatus | undefined, after: NodeStatus): NodeEvent[] {
  const [earlier = '', bootID = ''] = [before?.nodeInfo?.bootID, after.nodeInfo?.bootID];
  if (earlier === '' || bootID === '' || earlier === bootID) return [];
  const message = `Node ${name} has been rebooted, boot id: ${bootID}`;
  return [{ type: 'Warning', reason: 'Rebooted', message }];
}

/** One event for each condition that is another one than before. */
function turned(name: string, before: NodeStatus | undefined, after: NodeStatus): NodeEvent[] {
  return (after.conditions ?? []).flatMap(({ type, status }) => {
    const earlier = before?.conditions?.find((condition) => condition.type === type);
    const pair = reasons[type];
    if (pair === undefined || earlier?.status === status) return [];
    const reason = pair[status === 'True' ? 0 : 1];
    return [{ type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` }];
  });
}
