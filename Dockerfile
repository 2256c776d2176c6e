# A node in a container: it needs the host's cgroups and network to be a node of a cluster.
#   docker run --privileged --network host --cgroupns host \
#     -v /var/lib/krustlet:/root/.krustlet -v /sys/fs/cgroup:/sys/fs/cgroup IMAGE join …
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm pack --pack-destination /tmp

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates iproute2 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
COPY --from=build /tmp/krustlet-*.tgz /tmp/krustlet.tgz
RUN node /usr/local/lib/node_modules/npm/bin/npm-cli.js install --global --ignore-scripts /tmp/krustlet.tgz \
  && rm -rf /tmp/krustlet.tgz /usr/local/lib/node_modules/npm
ENTRYPOINT ["krustlet"]
