import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { NodeSystemInfo } from '../../../kubernetes/resources/node.ts';

/** What the node's software says of itself. */
export interface SoftwareVersions {
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly architecture: string;
}

/** Reads who the machine is; what it does not tell (or not to this user) is empty. */
export async function readSystemInfo(versions: SoftwareVersions): Promise<NodeSystemInfo> {
  const [machineID, systemUUID, bootID, osRelease] = await Promise.all([
    readText('/etc/machine-id'),
    readText('/sys/class/dmi/id/product_uuid'),
    readText('/proc/sys/kernel/random/boot_id'),
    readText('/etc/os-release'),
  ]);
  return {
    machineID,
    systemUUID: systemUUID || machineID,
    bootID,
    kernelVersion: os.release(),
    osImage: /^PRETTY_NAME="?(.*?)"?$/m.exec(osRelease)?.[1] ?? os.type(),
    operatingSystem: os.platform(),
    kubeProxyVersion: '',
    ...versions,
  };
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    // Not on this system, or only for root.
    return '';
  }
}
