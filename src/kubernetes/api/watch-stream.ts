import { errorOfStatus } from '../connection/request-failure.ts';
import { isObject } from '../is-object.ts';
import { ApiError } from './api-error.ts';
import { readJsonLines } from './json-lines.ts';
import type { KubernetesObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { WatchEvent } from './watch-event.ts';

/** No object can be larger: etcd takes 1.5 MiB, and JSON may double it. */
const maxEventBytes = 8 * 1024 * 1024;

/**
 * Reads the body of a watch as events. Ends when the server ends the watch; throws the `ApiError`
 * of an ERROR event, and `InvalidResponse` for what is not an event.
 */
export async function* readWatchEvents<T extends KubernetesObject>(
  resource: Resource<T>,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of readJsonLines(body, maxEventBytes)) yield parseEvent(resource, line);
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
