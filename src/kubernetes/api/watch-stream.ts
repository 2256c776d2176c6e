import { errorOfStatus } from '../connection/request-failure.ts';
import { isObject } from '../is-object.ts';
import { ApiError } from './api-error.ts';
import { readJsonLines } from './json-lines.ts';
import type { KubernetesObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { WatchEvent } from './watch-event.ts';

/** No object can be larger: etcd takes 1.5 MiB, and JSON may double it. */
const maxEventBytes = 8 * 1024 * 1024;

/** Hears of an object that its parser refuses, with the object as the server sent it. */
export type OnUnreadable = (error: unknown, object: unknown) => void;

/**
 * Reads the body of a watch as events. Ends when the server ends the watch; throws the `ApiError`
 * of an ERROR event, and `InvalidResponse` for what is not an event. Events of objects that cannot
 * be read are left out where somebody hears of them.
 */
export async function* readWatchEvents<T extends KubernetesObject>(
  resource: Resource<T>,
  body: AsyncIterable<Uint8Array>,
  onUnreadable?: OnUnreadable,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of readJsonLines(body, maxEventBytes)) {
    const event = parseUnlessUnreadable(resource, line, onUnreadable);
    if (event) yield event;
  }
}

function parseUnlessUnreadable<T extends KubernetesObject>(
  resource: Resource<T>,
  line: unknown,
  onUnreadable: OnUnreadable | undefined,
): WatchEvent<T> | undefined {
  try {
    return parseEvent(resource, line);
  } catch (error) {
    if (!onUnreadable || error instanceof ApiError) throw error;
    onUnreadable(error, isObject(line) ? line.object : line);
    const isDeletion = isObject(line) && line.type === 'DELETED';
    if (!isDeletion) return undefined;
    // Which object is gone only a new list can tell.
    throw new ApiError('Expired', `Watch ${resource.plural}: cannot read what was deleted`);
  }
}

function parseEvent<T extends KubernetesObject>(
  resource: Resource<T>,
  event: unknown,
): WatchEvent<T> {
  if (!isObject(event) || !isObject(event.object)) throw unreadable(resource, event);
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: resource.parse(object) };
    case 'BOOKMARK':
      return { type, resourceVersion: versionOf(resource, object) };
    case 'ERROR':
      throw errorOfStatus(object, { action: `Watch ${resource.plural}` });
    default:
      throw unreadable(resource, event);
  }
}

function versionOf(
  resource: Resource<KubernetesObject>,
  { metadata }: Record<string, unknown>,
): string {
  if (isObject(metadata) && typeof metadata.resourceVersion === 'string') {
    return metadata.resourceVersion;
  }
  throw unreadable(resource, metadata);
}

function unreadable(resource: Resource<KubernetesObject>, event: unknown): ApiError {
  const text = JSON.stringify(event)?.slice(0, 200);
  return new ApiError(
    'InvalidResponse',
    `Cannot read an event of watch ${resource.plural}: ${text}`,
  );
}
