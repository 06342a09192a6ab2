# n8n with the Handoff node pack, built from this checkout. Built from the repository root, which docker-compose.yml does.

FROM node:24.19.0-alpine AS pack
WORKDIR /pack
COPY node_pack/package.json node_pack/package-lock.json ./
# As `./dev` does it: `npm ci` refuses a lock file without optional packages for other platforms.
RUN npm install --legacy-peer-deps --ignore-scripts --no-audit --no-fund
COPY node_pack/ ./
# As it is published: the tarball holds what `files` of package.json names, and nothing else.
RUN npm run build && npm pack --pack-destination /tmp && mkdir /packed \
    && tar -xzf /tmp/n8n-nodes-handoff-*.tgz -C /packed --strip-components=1

FROM n8nio/n8n:2.41.1
COPY --from=pack --chown=0:0 /packed /opt/handoff/n8n-nodes-handoff
COPY --chmod=0755 companion/deploy/n8n-start.sh /opt/handoff/start.sh
USER node
# A new volume takes over the owner of the folder that it is laid upon.
RUN mkdir -p /home/node/.n8n /home/node/.n8n-files
ENTRYPOINT ["tini", "--", "/opt/handoff/start.sh"]
