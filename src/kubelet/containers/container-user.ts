import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { ContainerImage, ContainerUser } from '../provider.ts';
import { ConfigError } from './config-error.ts';

/** A user and group by their numbers; a user whose number nobody knows has its name. */
type NamedUser = { readonly uid: number; readonly gid: number } | { readonly name: string };

/**
 * Who a container runs as: what its or its pod's securityContext says, else the image's USER, else
 * the fallback. As stock kubelets do it, except that an image without a USER does not mean root.
 *
 * @param fallback who the node runs as; only root may run containers as others
 * @throws {ConfigError} where runAsNonRoot forbids it, or nobody knows who it is
 */
export function containerUser(
  pod: Pod,
  container: PodContainer,
  image: Pick<ContainerImage, 'user'>,
  fallback: ContainerUser,
): ContainerUser {
  const own = container.securityContext;
  const shared = pod.spec.securityContext;
  const runAsUser = own.runAsUser ?? shared.runAsUser;
  const ofImage = image.user === undefined ? undefined : imageUser(image.user);
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) === true) {
    mustNotBeRoot(runAsUser, ofImage ?? fallback);
  }
  const user = runAsUser === undefined ? numbered(ofImage, fallback) : { uid: runAsUser, gid: 0 };
  const gid = own.runAsGroup ?? shared.runAsGroup ?? user.gid;
  const { fsGroup, supplementalGroups } = shared;
  const groups = [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])];
  const isFallback = user === fallback && groups.length === 0;
  return { uid: user.uid, gid, groups: isFallback ? fallback.groups : groups };
}

/** Reads an image's USER: `UID`, `UID:GID`, or names, of which an image of modules has no list. */
function imageUser(text: string): NamedUser {
  const [user = '', group = '0'] = text.split(':');
  const [uid, gid] = [numberOf(user), numberOf(group)];
  return uid === undefined || gid === undefined ? { name: text } : { uid, gid };
}

function numberOf(name: string): number | undefined {
  if (name === 'root') return 0;
  const number = Number(name);
  return /^\d+$/.test(name) && number < 0xffff_ffff ? number : undefined;
}

function mustNotBeRoot(runAsUser: number | undefined, otherwise: NamedUser): void {
  const fix = 'set runAsUser to another user than 0';
  if (runAsUser === 0)
    throw new ConfigError(`container's runAsUser breaks non-root policy: ${fix}`);
  if (runAsUser !== undefined) return;
  if ('name' in otherwise) {
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${otherwise.name}), cannot verify user is non-root: set runAsUser`,
    );
  }
  if (otherwise.uid === 0) {
    throw new ConfigError(`container has runAsNonRoot and image will run as root: ${fix}`);
  }
}

function numbered(
  ofImage: NamedUser | undefined,
  fallback: ContainerUser,
): { readonly uid: number; readonly gid: number } {
  if (ofImage === undefined) return fallback;
  if ('name' in ofImage) {
    throw new ConfigError(
      `image has user "${ofImage.name}", whose number nobody knows: give its USER as a number, or set runAsUser`,
    );
  }
  if (fallback.uid === 0) return ofImage;
  if (ofImage.uid !== fallback.uid) {
    throw new ConfigError(
      `image has user ${ofImage.uid}, but this node does not run as root and can start containers only as ${fallback.uid}: run it as root, or set runAsUser: ${fallback.uid}`,
    );
  }
  return fallback;
}
