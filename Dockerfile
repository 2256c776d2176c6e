# A node in a container: it needs the host's cgroups and network to be a node of a cluster.
#   docker run --privileged --network host --cgroupns host \
#     -v /var/lib/krustlet:/root/.krustlet -v /sys/fs/cgroup:/sys/fs/cgroup IMAGE join …
# Node 26 links against libatomic, which its own image has and Debian's has not.
FROM node:26-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm pack --pack-destination /tmp

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates iproute2 libatomic1 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
COPY --from=build /tmp/krustlet-*.tgz /tmp/krustlet.tgz
RUN node /usr/local/lib/node_modules/npm/bin/npm-cli.js install --global --ignore-scripts /tmp/krustlet.tgz \
  && rm -rf /tmp/krustlet.tgz /usr/local/lib/node_modules/npm
ENTRYPOINT ["krustlet"]
