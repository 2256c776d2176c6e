import { ControlPlane } from './control-plane.ts';
import { toTestCluster } from './test-cluster.ts';

/**
 * Starts one control plane for all test files of a run; they find it by `testCluster()`. Given to
 * `node --test-global-setup`.
 */
let controlPlane: ControlPlane | undefined;

export async function globalSetup(): Promise<void> {
  controlPlane = await ControlPlane.start({
    address: process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1',
  });
  process.env.KRUSTLET_TEST_CLUSTER = JSON.stringify(toTestCluster(controlPlane));
}

export async function globalTeardown(): Promise<void> {
  await controlPlane?.[Symbol.asyncDispose]();
}
