import type { ContainerSpec } from '../../../container-spec.ts';

/** A thread that hands out requests keeps about so many busy. */
const stockMost = 8;
/** As many as the process may have in any case, and its log keeps apart. */
const mostEver = 32;
const millisOfCore = 1000;
/** Bytes that a thread takes, its instances not counted. */
const bytesOfThread = 32 * 1024 * 1024;

/**
 * The most threads that answer a container's requests, from 1, which means none beside the one that
 * has the connections.
 *
 * No more than the cores that its limit allows, or else the machine's, and never more than half of
 * its memory has room for. One where requests share state, as that is in one place; and where the guest
 * sends requests, whose policy and number are kept in one place as well.
 *
 * @param cores of the machine that the process may use
 */
export function mostThreads({ http, limits }: ContainerSpec, cores: number): number {
  if (http === undefined || http.serving.shareState || http.egress.length > 0) return 1;
  const { cpuMillis, memoryBytes } = limits;
  const ofLimit =
    cpuMillis === undefined ? cores : Math.min(Math.ceil(cpuMillis / millisOfCore), cores);
  const ofMemory =
    memoryBytes === undefined ? Infinity : Math.floor(memoryBytes / 2 / bytesOfThread);
  return Math.max(1, Math.min(ofLimit, ofMemory, http.serving.threads ?? stockMost, mostEver));
}
