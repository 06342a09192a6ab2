# Caddy with our Caddyfile, as a user without rights. Built from the repository root, which docker-compose.yml does.

FROM caddy:2.11.7-alpine
# The binary asks for the right to take ports below 1024. Ours are above, and a container that may not give that right
# would refuse to start it.
RUN setcap -r /usr/bin/caddy && chown -R 1000:1000 /data /config
COPY companion/deploy/Caddyfile /etc/caddy/Caddyfile
USER 1000:1000
