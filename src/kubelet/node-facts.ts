/** What pods may learn about the node they run on. */
export interface NodeFacts {
  readonly nodeName: string;
  /** The node's addresses, the primary one first. */
  readonly hostIPs: readonly string[];
  /** Quantities by resource name: what a container without a limit is told its limit is. */
  readonly allocatable: Readonly<Record<string, string>>;
}
