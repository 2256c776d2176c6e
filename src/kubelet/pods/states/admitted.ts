import { mkdirSync } from 'node:fs';
import type { State, StateOptions } from '../../../krator/states/state.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import { HostPorts } from '../host-ports.ts';
import type { PodContext } from '../pod-context.ts';
import { ImagePull } from './image-pull.ts';

/** This node takes the pod on: its directories are made, it gets its addresses, its tokens are on the way. */
export class Admitted implements State<PodContext> {
  readonly name = 'Admitted';

  async next(context: PodContext, { signal }: StateOptions): Promise<ImagePull> {
    const { directories, network } = context.components;
    const pod = context.manifest.current;
    context.begin();
    watchDeadline(context, signal);
    context.runBeside(context.volumes.prepare({ signal: context.working(signal) }));
    mkdirSync(directories.ofPod(pod.metadata), { recursive: true, mode: 0o750 });
    mkdirSync(directories.logsOfPod(pod.metadata), { recursive: true });
    context.podIPs = await network.allocate(pod, context.knownAddresses, { signal });
    context.status.changed();
    await openHostPorts(context);
    return new ImagePull();
  }
}

/** Another program may have taken a port since the scheduler found it free. */
async function openHostPorts(context: PodContext): Promise<void> {
  const [podIP = ''] = context.podIPs;
  const { hostPortConnections: connections } = context;
  const hostPorts = new HostPorts({ connections }, { podIP });
  try {
    await hostPorts.open(context.manifest.current);
    context.hostPorts = hostPorts;
  } catch (cause) {
    const message = `a hostPort cannot be opened: ${messageOf(cause)}`;
    context.event('Warning', 'NodePorts', message);
    context.fail({ reason: 'NodePorts', message });
    throw cause;
  }
}

/** A pod's deadline counts from when this node took it on, restarts of this process included. */
function watchDeadline(context: PodContext, signal: AbortSignal): void {
  const seconds = context.manifest.current.spec.activeDeadlineSeconds;
  if (seconds === undefined) return;
  const { clock } = context.components;
  const left = Math.max(context.startedAt + seconds * 1000 - clock.now(), 0);
  const over = clock.sleep(left, { signal: context.working(signal) }).then(
    () => exceedDeadline(context),
    () => undefined, // the pod ended before its deadline
  );
  context.runBeside(over);
}

function exceedDeadline(context: PodContext): void {
  const reason = 'DeadlineExceeded';
  const message = 'Pod was active on the node longer than the specified deadline';
  context.event('Normal', reason, message);
  context.fail({ reason, message });
}
