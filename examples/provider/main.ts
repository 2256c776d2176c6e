/**
 * A kubelet of its own, whose containers are processes of this machine.
 *
 * `node examples/provider/main.ts examples/provider/pod.yaml` runs pods without a cluster; without a
 * manifest it is a node of the cluster that `~/.krustlet/config/kubeconfig` leads to.
 */
import { runManifest, runNode } from '../../src/mod.ts';
import { LocalPrograms } from './local-programs.ts';
import { ProcessProvider } from './process-provider.ts';

const provider = new ProcessProvider();
const imageSource = new LocalPrograms();
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
const { signal } = stop;
const [manifest] = process.argv.slice(2);

if (manifest === undefined) await runNode(provider, { imageSource, signal });
else process.exitCode = await runManifest(provider, manifest, { imageSource, signal });
