import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { AbortOptions } from '../abort-options.ts';
import type { ClusterAccess } from '../connection/cluster-access.ts';
import { messageOf } from '../message-of.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { type ParseKubeconfigOptions, parseKubeconfig } from './parse-kubeconfig.ts';

/** Reads a kubeconfig file, YAML or JSON; paths in it start from its folder. */
export async function loadKubeconfig(
  file: string,
  { signal, ...options }: Omit<ParseKubeconfigOptions, 'directory'> & AbortOptions = {},
): Promise<ClusterAccess> {
  const text = await readFile(file, { encoding: 'utf8', ...(signal ? { signal } : {}) });
  try {
    return parseKubeconfig(parse(text), { ...options, directory: path.dirname(file) });
  } catch (cause) {
    const message = messageOf(cause);
    throw new KubeconfigError(`${message} (in '${file}')`, { cause });
  }
}
