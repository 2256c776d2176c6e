import type { NodeStats } from '../../src/kubelet/stats/node-stats.ts';

const at = new Date('2026-11-23T00:00:00Z');
const filesystem = {
  capacityBytes: 100,
  availableBytes: 60,
  usedBytes: 40,
  inodes: 10,
  inodesFree: 7,
};

/** Of a node with one pod, whose container has a limit on its processor time. */
export const exampleStats: NodeStats = {
  at,
  nodeName: 'wasm-1',
  startedAt: new Date('2026-11-22T00:00:00Z'),
  cpu: { usedNanos: 5_000_000_000n, nanosPerSecond: 20_000_000, cores: 2 },
  memory: { totalBytes: 1000, availableBytes: 700, workingSetBytes: 300, rssBytes: 200 },
  pressure: { cpu: 'some avg10=6.38 avg60=12.63 avg300=19.72 total=13398\n' },
  nodeFilesystem: filesystem,
  imageFilesystem: filesystem,
  pods: [
    {
      namespace: 'default',
      name: 'hello',
      uid: 'u1',
      startedAt: at,
      volumes: [{ name: 'data', usedBytes: 7, inodes: 1, filesystem }],
      containers: [
        {
          name: 'app',
          id: 'c1',
          image: 'registry/"quoted"',
          startedAt: at,
          usage: {
            at,
            cpuNanos: 1_500_000_000n,
            memoryWorkingSetBytes: 64,
            memoryUsageBytes: 80,
            memoryRssBytes: 60,
            processes: 1,
            pressure: {
              io:
                'some avg10=0.50 avg60=0.25 avg300=0.10 total=20\n' +
                'full avg10=0.40 avg60=0.20 avg300=0.05 total=10\n',
            },
          },
          cpuNanosPerSecond: 1234.6,
          logBytes: 5,
          memoryLimitBytes: undefined,
          cpuLimitMillis: 500,
        },
      ],
    },
  ],
};
