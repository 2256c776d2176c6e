import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { messageOf } from '../../kubernetes/message-of.ts';
import { UserError } from '../cli/user-error.ts';
import { type NodeConfig, nodeConfig } from './node-config.ts';
import { readSettings, type SettingSources } from './read-settings.ts';

export interface LoadNodeConfigInit extends Pick<SettingSources, 'flags' | 'env'> {
  /** File with a `KubeletConfiguration`, given by `--config`. */
  readonly config?: string;
  /** @default ~/.krustlet/config/config.json, which may be missing */
  readonly configFile?: string;
}

/**
 * The node's configuration from all its places.
 *
 * @throws {UserError} naming the file or key, and what is wrong with it
 */
export async function loadNodeConfig(init: LoadNodeConfigInit): Promise<NodeConfig> {
  const configFile =
    init.configFile ?? path.join(os.homedir(), '.krustlet', 'config', 'config.json');
  const { flags, env, config } = init;
  const settings = readSettings({
    flags,
    env,
    kubeletConfiguration: config === undefined ? undefined : await readYaml(config),
    configFile: await readOptionalJson(configFile),
  });
  return nodeConfig(settings);
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(file, 'utf8'));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function readOptionalJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): UserError {
  const detail = messageOf(cause);
  return new UserError(`reading '${file}' failed: ${detail}`, { cause });
}
