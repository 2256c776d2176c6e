import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../kubernetes/message-of.ts';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost, ServedContainer } from '../kubelet-host.ts';
import { failureStatus } from '../streaming/command-status.ts';
import {
  parseRemoteCommandOptions,
  type RemoteCommand,
  type RemoteCommandOptions,
} from '../streaming/remote-command.ts';
import { spdyCommandProtocols, spdyRemoteCommand } from '../streaming/spdy-remote-command.ts';
import { upgradeToSpdy, wantsSpdy } from '../streaming/spdy-upgrade.ts';
import {
  webSocketCommandProtocols,
  webSocketRemoteCommand,
} from '../streaming/websocket-remote-command.ts';
import { WebSocketUpgrader } from '../streaming/websocket-upgrade.ts';
import { findContainer } from './find-container.ts';

/** Runs a command with the client's streams and reports how it ended. */
export type RunCommand = (command: RemoteCommand) => Promise<void>;

/** Checks what is asked for while it can still be refused with a Status. */
export type PrepareCommand = (
  container: ServedContainer,
  request: RoutedRequest,
  options: RemoteCommandOptions,
) => RunCommand;

/** The routes of a command whose client speaks SPDY or WebSocket. */
export function remoteCommandRoutes(
  name: 'exec' | 'attach',
  host: KubeletHost,
  prepare: PrepareCommand,
): Route[] {
  const webSockets = new WebSocketUpgrader(webSocketCommandProtocols);
  const upgrade = async (request: RoutedRequest, socket: Duplex, head: Buffer) => {
    const options = parseOptions(request.url.searchParams);
    const run = prepare(findContainer(host, request), request, options);
    const open = opener(webSockets, request.message);
    const command = await open(socket, head, options);
    await run(command).catch((error) => command.finish(failureStatus(messageOf(error))));
  };
  return [':pod/:container', ':pod/:uid/:container'].map((rest) => ({
    path: `/${name}/:namespace/${rest}`,
    methods: ['GET', 'POST'],
    upgrade,
  }));
}

type OpenCommand = (
  socket: Duplex,
  head: Buffer,
  options: RemoteCommandOptions,
) => Promise<RemoteCommand>;

/** @throws {HttpError} BadRequest where the client speaks neither of the two */
function opener(webSockets: WebSocketUpgrader, message: IncomingMessage): OpenCommand {
  if (webSockets.accepts(message)) {
    return async (socket, head, options) =>
      webSocketRemoteCommand(await webSockets.upgrade(message, socket, head), options);
  }
  if (wantsSpdy(message)) {
    return async (socket, head, options) => {
      const protocol = upgradeToSpdy(message, socket, spdyCommandProtocols);
      socket.unshift(head);
      return await spdyRemoteCommand(socket, protocol, options);
    };
  }
  throw new HttpError('BadRequest', 'unable to upgrade: use SPDY/3.1 or WebSocket');
}

function parseOptions(query: URLSearchParams): RemoteCommandOptions {
  try {
    return parseRemoteCommandOptions(query);
  } catch (cause) {
    throw new HttpError('BadRequest', messageOf(cause), { cause });
  }
}
